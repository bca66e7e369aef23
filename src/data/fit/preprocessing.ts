import * as z from 'zod'

import { transforms } from '../../components/transforms/index.ts'
import { savedScaling } from '../../components/transforms/scaling.ts'
import { PREPROCESSING_VERSION } from '../../runtime/preprocessing.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'

const NumberFeature = z.strictObject({
  kind: z.literal('number'),
  column: z.string(),
  fill: z.number().optional(),
  indicator: z.boolean().optional(),
  scaling: savedScaling().optional(),
})

/** One-hot features as version 1 wrote them. */
const TextFeature = z
  .strictObject({ kind: z.literal('text'), column: z.string(), categories: z.array(z.string()) })
  .transform(({ column, categories }) => ({
    kind: 'encoded' as const,
    column,
    transform: 'one_hot' as const,
    state: { categories, unseen: 'error' as const },
  }))

const ArrayFeature = z.strictObject({
  kind: z.literal('array'),
  column: z.string(),
  shape: z.array(z.int()),
  scalings: z.array(savedScaling()),
})

const encodedFeatures = transforms.members.flatMap((member) =>
  member.kind === 'encoding' ? [member.saved()] : [],
)
const Feature = z.union([NumberFeature, ...encodedFeatures, TextFeature, ArrayFeature])

const Input = z.strictObject({ name: z.string(), shape: z.array(z.int()), features: z.array(Feature) })

const output = {
  name: z.string(),
  shape: z.array(z.int()),
  columns: z.array(z.string()),
  probabilities: z.enum(['linear', 'sigmoid', 'softmax']).optional(),
  weights: z.array(z.int()).optional(),
}

const Classes = z.strictObject({
  kind: z.literal('classes'),
  ...output,
  form: z.enum(['labels', 'one_hot']),
  codes: z.array(z.string()).optional(),
  classes: z.array(z.string()),
  positive: z.string().optional(),
})

const Numbers = z.strictObject({
  kind: z.literal('numbers'),
  ...output,
  same_as: z.string().optional(),
  scalings: z.array(savedScaling()),
  sample: z.array(z.number()).optional(),
})

/** Schema of the preprocessing that is saved with a model. */
export const preprocessingSchema: z.ZodType<Preprocessing> = z.strictObject({
  version: z.int().min(1).max(PREPROCESSING_VERSION).default(1),
  inputs: z.array(Input),
  outputs: z.array(z.discriminatedUnion('kind', [Classes, Numbers])),
  sample_weight: z.union([z.string(), z.array(z.string())]).optional(),
  missing: z.enum(['error', 'drop', 'fill']),
  window: z
    .strictObject({
      steps: z.int().positive(),
      horizon: z.int().min(0),
      target_steps: z.int().positive().optional(),
      sampling_rate: z.int().positive().optional(),
      sequence_stride: z.int().positive().optional(),
      series: z.string().optional(),
      time: z.string().optional(),
    })
    .optional(),
  csv: z
    .strictObject({
      delimiter: z.string().optional(),
      encoding: z.string().optional(),
      header: z.boolean(),
      columns: z.array(z.string()),
      skip_rows: z.int().optional(),
      comment: z.union([z.string(), z.array(z.string())]).optional(),
    })
    .optional(),
  image_column: z.string().optional(),
  text: z
    .strictObject({
      decimal: z.enum(['.', ',']).optional(),
      thousands: z.string().optional(),
      missing_values: z.array(z.string()).optional(),
      formats: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
})
