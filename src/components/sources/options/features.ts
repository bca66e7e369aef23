import * as z from 'zod'

import { minMaxParameters } from '../../transforms/min_max.ts'
import { robustParameters } from '../../transforms/robust.ts'
import { standardParameters } from '../../transforms/standard.ts'
import { transforms } from '../../transforms/index.ts'
import { Unseen } from '../../transforms/one_hot.ts'
import { ColumnName } from './rows.ts'

export const Scale = z
  .union([
    z.enum(['none', 'standard', 'min_max', 'robust']),
    z.strictObject({ divide: z.number().positive().describe('The divisor') }),
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('standard').describe('Mean 0 and deviation 1'),
        ...standardParameters(),
      }),
      z.strictObject({ type: z.literal('min_max').describe('From 0 to 1'), ...minMaxParameters() }),
      z.strictObject({
        type: z.literal('robust').describe('Median 0 and interquartile range 1'),
        ...robustParameters(),
      }),
    ]),
  ])
  .describe(
    'Scaling of numbers: standard (mean 0, deviation 1), min_max (0 to 1), robust (median 0, interquartile range 1), {divide: 255}, or none. Fitted on the training split only, unless the numbers are known, as in {type: standard, mean: [0.5, 0.5, 0.5], deviation: [0.2, 0.2, 0.2]}',
  )
export type Scale = z.infer<typeof Scale>

/** A scale in words. */
export function scaleName(scale: Scale): string {
  if (typeof scale === 'string') return scale
  return 'type' in scale ? scale.type : `divide by ${scale.divide}`
}

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
      .record(ColumnName, z.union([transforms.ref(), z.array(transforms.ref()).min(1)]))
      .default({})
      .describe(
        'Encodings of single columns, by name, in place of scale and one_hot. A list applies one after the other, as in [ordinal, standard]: those after the first are scalings',
      ),
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
