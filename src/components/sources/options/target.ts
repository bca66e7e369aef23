import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import type { Rule } from '../../../rule.ts'
import { Scale } from './features.ts'
import { ColumnName } from './rows.ts'

export const Positive = z
  .union([z.string(), z.number(), z.boolean()])
  .describe(
    'The positive class of two: an output of one unit is its probability, and precision, recall, auc and similar metrics are of it. Default: the second of `classes`; else 1, true or yes; else the rarer label of all rows',
  )

export const TargetScale = Scale.describe(
  'Scales a numeric target for training: the loss is in this scale, metrics and predictions are in the unit of the target',
)

export const SameAs = z
  .string()
  .min(1)
  .describe(
    'The input of the model that the output reproduces, as in an autoencoder, in place of a column: `input`, or the name of one of several. Losses and metrics compare the numbers that the model sees, scaled and encoded; predictions are in the units of the columns',
  )

const TargetColumns = z.union([ColumnName, z.array(ColumnName).min(1)])

const Label = z.union([z.string(), z.number()])

const keys = {
  column: TargetColumns.optional().describe('The target column, or a list of them'),
  same_as: SameAs.optional(),
  scale: TargetScale.optional(),
  classes: z
    .union([
      z.array(Label).min(2),
      z
        .record(z.string(), Label)
        .refine((names) => Object.keys(names).length > 1, 'expected two classes or more'),
    ])
    .optional()
    .describe(
      'The labels in class order; or a map from the codes in the column to names for them, as in {0: setosa, 1: versicolor}, which predictions, tables and reports show. Default: sorted strings, or the integers from 0',
    ),
  positive: Positive.optional(),
}

export type ColumnTarget = z.infer<z.ZodObject<typeof keys>>

const columnOrInput: Rule<ColumnTarget> = {
  needs: Object.keys(keys),
  check({ column, same_as, ...others }, report) {
    if (column === undefined && same_as === undefined) {
      const hint = 'as in {column: price}, or {same_as: input} for an autoencoder'
      report([], 'give either column or same_as', { code: 'missing-target', hint })
    }
    if (same_as === undefined) return
    for (const [key, value] of Object.entries({ column, ...others })) {
      if (value !== undefined)
        report([key], `${key} and same_as cannot be used together`, {
          code: 'targets',
          at: 'key',
          hint: 'remove one of the two',
        })
    }
  },
}

export const Target = z
  .union([ColumnName, z.array(ColumnName).min(1), withRules(z.strictObject(keys), columnOrInput)])
  .describe(
    'The target of the model: a column, a list of columns, {column, scale, classes, positive}, or {same_as: input}',
  )
export type Target = z.infer<typeof Target>
