import { defineElementwiseMerge, extreme } from './merge.ts'

/** Keras symbol: keras.layers.Maximum. */
export const maximum = defineElementwiseMerge(
  'maximum',
  'Largest of the inputs, element by element',
  'Maximum',
  (context, xs) => extreme(context, xs, (most, x) => context.b.max(most, x)),
  { readsMasks: true },
)
