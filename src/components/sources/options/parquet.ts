import * as z from 'zod'

import { checkColumns, columnKeys } from './columns.ts'
import { checkFiles, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Parquet = z
  .strictObject({
    type: z.literal('parquet').describe('Rows from Parquet files'),
    path: Path,
    memory: Memory,
    ...columnKeys,
  })
  .superRefine((spec, context) => {
    checkFiles(spec, context)
    checkColumns(spec, context)
  })
export type ParquetSpec = z.infer<typeof Parquet>
