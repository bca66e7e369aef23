import * as z from 'zod'

import { Scale } from './features.ts'
import { ColumnName } from './rows.ts'

const TargetColumns = z.union([ColumnName, z.array(ColumnName).min(1)])

export const Target = z
  .union([
    ColumnName,
    z.array(ColumnName).min(1),
    z.strictObject({
      column: TargetColumns.describe('The target column, or a list of them'),
      scale: Scale.optional().describe('Scales a numeric target for training; predictions are scaled back'),
      classes: z
        .array(z.union([z.string(), z.number()]))
        .min(2)
        .optional()
        .describe('The labels in class order. Default: sorted strings, or the integers from 0'),
    }),
  ])
  .describe('The target of the model: a column, a list of columns, or {column, scale, classes}')
export type Target = z.infer<typeof Target>
