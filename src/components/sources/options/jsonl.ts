import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import { columnKeys, columnRules } from './columns.ts'
import { filesOrFractions, Path } from './files.ts'
import { Memory } from './memory.ts'

export const Jsonl = withRules(
  z.strictObject({
    type: z
      .literal('jsonl')
      .describe('Rows from files with one JSON object a line, plain or compressed as .gz or .zst'),
    path: Path,
    memory: Memory,
    ...columnKeys,
  }),
  filesOrFractions,
  ...columnRules,
)
export type JsonlSpec = z.infer<typeof Jsonl>
