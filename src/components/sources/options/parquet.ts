import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import { columnKeys, columnRules } from './columns.ts'
import { filesOrFractions, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Parquet = withRules(
  z.strictObject({
    type: z.literal('parquet').describe('Rows from Parquet files'),
    path: Path,
    memory: Memory,
    ...columnKeys,
  }),
  filesOrFractions,
  ...columnRules,
)
export type ParquetSpec = z.infer<typeof Parquet>
