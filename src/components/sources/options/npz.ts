import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import { columnKeys, columnRules } from './columns.ts'
import { filesOrFractions, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Npz = withRules(
  z.strictObject({
    type: z
      .literal('npz')
      .describe(
        'Arrays from NumPy files: those of an .npz by their names there, that of an .npy by its file name. The ends _train, _validation and _test tell splits apart',
      ),
    path: Path,
    memory: Memory,
    ...columnKeys,
  }),
  filesOrFractions,
  ...columnRules,
)
export type NpzSpec = z.infer<typeof Npz>
