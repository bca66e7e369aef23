import * as z from 'zod'

import { transforms } from '../../transforms/index.ts'
import { Unseen } from '../../transforms/one_hot.ts'
import { ColumnName } from './rows.ts'

export const Scale = z
  .union([
    z.enum(['none', 'standard', 'min_max', 'robust']),
    z.strictObject({ divide: z.number().positive().describe('The divisor') }),
  ])
  .describe(
    'Scaling of numbers: standard (mean 0, deviation 1), min_max (0 to 1), robust (median 0, interquartile range 1), {divide: 255}, or none. Fitted on the training split only',
  )
export type Scale = z.infer<typeof Scale>

const OneHot = z
  .array(ColumnName)
  .describe('Columns of numbers that stand for categories. Columns of strings are one-hot encoded anyway')

export const Features = z
  .strictObject({
    columns: z
      .array(ColumnName)
      .min(1)
      .optional()
      .describe('The feature columns, in order. Default: every other column'),
    exclude: z.array(ColumnName).optional().describe('Columns to leave out'),
    scale: Scale.default('none'),
    one_hot: OneHot.optional(),
    unseen: Unseen.default('ignore'),
    transforms: z
      .record(ColumnName, transforms.ref())
      .default({})
      .describe('Encodings of single columns, by name, in place of scale and one_hot'),
  })
  .describe('The columns that are features, and their encoding')

export const InputFeatures = z
  .union([
    ColumnName,
    z.array(ColumnName).min(1),
    z.strictObject({
      columns: z.array(ColumnName).min(1).describe('The columns of this input, in order'),
      scale: Scale.optional(),
      one_hot: OneHot.optional(),
    }),
  ])
  .describe('The columns of one input: a name, a list of names, or {columns, scale, one_hot}')
export type InputFeatures = z.infer<typeof InputFeatures>
