import { defineElementwiseMerge } from './merge.ts'

/** Keras symbol: keras.layers.Maximum. */
export const maximum = defineElementwiseMerge(
  'maximum',
  'Largest of the inputs, element by element',
  'Maximum',
  (b, xs) => xs.reduce((most, x) => b.max(most, x)),
)
