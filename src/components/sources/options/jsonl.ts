import * as z from 'zod'

import { checkColumns, columnKeys } from './columns.ts'
import { checkFiles, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Jsonl = z
  .strictObject({
    type: z
      .literal('jsonl')
      .describe('Rows from files with one JSON object a line, plain or compressed as .gz or .zst'),
    path: Path,
    memory: Memory,
    ...columnKeys,
  })
  .superRefine((spec, context) => {
    checkFiles(spec, context)
    checkColumns(spec, context)
  })
export type JsonlSpec = z.infer<typeof Jsonl>
