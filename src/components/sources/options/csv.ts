import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import type { Rule } from '../../../rule.ts'
import { ColumnName } from './column-name.ts'
import { columnKeys, columnRules } from './columns.ts'
import { filesOrFractions, Path } from './files.ts'
import { Memory } from './memory.ts'

const namesOrHeader: Rule<{ header: boolean; columns?: readonly string[] | undefined }> = {
  needs: ['header', 'columns'],
  check({ header, columns }, report) {
    if (!header || !columns) return
    const message =
      'columns names the columns of a file without a header: set header: false, or leave columns out'
    report(['columns'], message, { code: 'columns', at: 'key' })
  },
}

export const Csv = withRules(
  z.strictObject({
    type: z.literal('csv').describe('Rows from csv files, plain or compressed as .gz or .zst'),
    path: Path,
    delimiter: z
      .string()
      .regex(/^[ -~\t]$/, 'expected one ASCII character')
      .optional()
      .describe('The character between fields. Default: a tab for .tsv files, else a comma'),
    header: z.boolean().default(true).describe('Whether the first line holds the column names'),
    columns: z
      .array(ColumnName)
      .min(1)
      .optional()
      .describe('The column names of a file without a header. Default: column_1, column_2, ...'),
    memory: Memory,
    ...columnKeys,
  }),
  namesOrHeader,
  filesOrFractions,
  ...columnRules,
)
export type CsvSpec = z.infer<typeof Csv>
