import * as z from 'zod'
import { encodingNamed } from '../../components/transforms/index.ts'
import { Scaling } from '../../components/transforms/scaling.ts'
import { PREPROCESSING_VERSION } from './preprocessing-version.ts'

const NumberFeature = z.strictObject({
  kind: z.literal('number'),
  column: z.string(),
  /** What a missing number becomes, before scaling. */
  fill: z.number().optional(),
  /** Whether a second number tells where the first was missing. */
  indicator: z.boolean().optional(),
  scaling: Scaling().optional(),
})

const EncodedFeature = z
  .strictObject({
    kind: z.literal('encoded'),
    column: z.string(),
    /** The type of a transform, and what it learnt. */
    transform: z.string(),
    state: z.unknown(),
  })
  .refine(({ transform, state }) => encodingNamed(transform)?.accepts(state))

/** One-hot features as version 1 wrote them. */
const TextFeature = z
  .strictObject({ kind: z.literal('text'), column: z.string(), categories: z.array(z.string()) })
  .transform(({ column, categories }) => ({
    kind: 'encoded' as const,
    column,
    transform: 'one_hot',
    state: { categories, unseen: 'error' },
  }))

const ArrayFeature = z.strictObject({
  kind: z.literal('array'),
  column: z.string(),
  shape: z.array(z.int()),
  /** None, one for all elements, or one for each. */
  scalings: z.array(Scaling()),
})

const Feature = z.union([NumberFeature, EncodedFeature, TextFeature, ArrayFeature])
export type Feature = z.infer<typeof Feature>
export type NumberFeature = z.infer<typeof NumberFeature>
export type EncodedFeature = z.infer<typeof EncodedFeature>
export type ArrayFeature = z.infer<typeof ArrayFeature>

const Input = z.strictObject({ name: z.string(), shape: z.array(z.int()), features: z.array(Feature) })
export type InputState = z.infer<typeof Input>

const Classes = z.strictObject({
  kind: z.literal('classes'),
  name: z.string(),
  shape: z.array(z.int()),
  columns: z.array(z.string()),
  /** Whether rows hold labels or, converted to class indices, one-hot vectors. */
  form: z.enum(['labels', 'one_hot']),
  /** The labels in class order. */
  classes: z.array(z.string()),
})
export type ClassesState = z.infer<typeof Classes>

const Numbers = z.strictObject({
  kind: z.literal('numbers'),
  name: z.string(),
  shape: z.array(z.int()),
  columns: z.array(z.string()),
  /** None, or one for each element. */
  scalings: z.array(Scaling()),
})
export type NumbersState = z.infer<typeof Numbers>

const Output = z.discriminatedUnion('kind', [Classes, Numbers])
export type OutputState = z.infer<typeof Output>

/** All that was learnt about the data in training: saved with the model, replayed on new rows. */
export const Preprocessing = z.strictObject({
  version: z.int().min(1).max(PREPROCESSING_VERSION).default(1),
  inputs: z.array(Input),
  outputs: z.array(Output),
  sample_weight: z.string().optional(),
  missing: z.enum(['error', 'drop', 'fill']),
  window: z
    .strictObject({ steps: z.int().positive(), horizon: z.int().min(0), series: z.string().optional() })
    .optional(),
  /** How the training file was written, which new files are taken to share. */
  csv: z
    .strictObject({ delimiter: z.string().optional(), header: z.boolean(), columns: z.array(z.string()) })
    .optional(),
})
export type Preprocessing = z.infer<typeof Preprocessing>
