import * as z from 'zod'

import { Scale } from './features.ts'
import { ColumnName } from './rows.ts'

export const Positive = z
  .union([z.string(), z.number(), z.boolean()])
  .describe(
    'The positive class of two: an output of one unit is its probability, and precision, recall, auc and their kin are of it. Default: the second of `classes`; else 1, true or yes; else the rarer label of all rows',
  )

const TargetColumns = z.union([ColumnName, z.array(ColumnName).min(1)])

export const Target = z
  .union([
    ColumnName,
    z.array(ColumnName).min(1),
    z.strictObject({
      column: TargetColumns.describe('The target column, or a list of them'),
      scale: Scale.optional().describe(
        'Scales a numeric target for training: the loss is in this scale, metrics and predictions are in the unit of the target',
      ),
      classes: z
        .array(z.union([z.string(), z.number()]))
        .min(2)
        .optional()
        .describe('The labels in class order. Default: sorted strings, or the integers from 0'),
      positive: Positive.optional(),
    }),
  ])
  .describe('The target of the model: a column, a list of columns, or {column, scale, classes, positive}')
export type Target = z.infer<typeof Target>
