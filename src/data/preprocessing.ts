import * as z from 'zod'
import { Scaling } from './transforms/scaling.ts'

const Feature = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    column: z.string(),
    /** What a missing number becomes, before scaling. */
    fill: z.number().optional(),
    scaling: Scaling.optional(),
  }),
  z.strictObject({ kind: z.literal('text'), column: z.string(), categories: z.array(z.string()) }),
  z.strictObject({
    kind: z.literal('array'),
    column: z.string(),
    shape: z.array(z.int()),
    /** None, one for all elements, or one for each. */
    scalings: z.array(Scaling),
  }),
])
export type Feature = z.infer<typeof Feature>

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
  scalings: z.array(Scaling),
})
export type NumbersState = z.infer<typeof Numbers>

const Output = z.discriminatedUnion('kind', [Classes, Numbers])
export type OutputState = z.infer<typeof Output>

/** All that was learnt about the data in training: saved with the model, replayed on new rows. */
export const Preprocessing = z.strictObject({
  inputs: z.array(Input),
  outputs: z.array(Output),
  sample_weight: z.string().optional(),
  missing: z.enum(['error', 'drop', 'fill']),
  /** How the training file was written, which new files are taken to share. */
  csv: z
    .strictObject({ delimiter: z.string().optional(), header: z.boolean(), columns: z.array(z.string()) })
    .optional(),
})
export type Preprocessing = z.infer<typeof Preprocessing>
