import * as z from 'zod'

import { checkColumns, columnKeys } from './columns.ts'
import { checkFiles, Path } from './files.ts'
import { Memory } from './memory.ts'
import { ColumnName, rule } from './rule.ts'

export const Csv = z
  .strictObject({
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
  })
  .superRefine((spec, context) => {
    if (spec.header && spec.columns) {
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        params: { ...rule, code: 'columns', at: 'key', about: ['header', 'columns'] },
        message:
          'columns names the columns of a file without a header: set header: false, or leave columns out',
      })
    }
    checkFiles(spec, context)
    checkColumns(spec, context)
  })
export type CsvSpec = z.infer<typeof Csv>
