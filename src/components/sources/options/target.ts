import * as z from 'zod'

import { ColumnName } from './column-name.ts'
import { Scale } from './features.ts'

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
        .describe('The labels in class order. Default: sorted texts, or the integers from 0.'),
    }),
  ])
  .describe('What the model learns to predict: a column, a list of columns, or {column, scale, classes}')
export type Target = z.infer<typeof Target>
