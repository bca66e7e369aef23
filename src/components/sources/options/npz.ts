import * as z from 'zod'

import { checkColumns, columnKeys } from './columns.ts'
import { checkFiles, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Npz = z
  .strictObject({
    type: z
      .literal('npz')
      .describe(
        'Arrays from NumPy files: those of an .npz by their names there, that of an .npy by its file name. The ends _train, _validation and _test tell splits apart',
      ),
    path: Path,
    memory: Memory,
    ...columnKeys,
  })
  .superRefine((spec, context) => {
    checkFiles(spec, context)
    checkColumns(spec, context)
  })
export type NpzSpec = z.infer<typeof Npz>
