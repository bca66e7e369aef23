import { defineElementwiseMerge } from './merge.ts'

/** Keras symbol: keras.layers.Minimum. */
export const minimum = defineElementwiseMerge(
  'minimum',
  'Smallest of the inputs, element by element',
  'Minimum',
  (b, xs) => xs.reduce((least, x) => b.min(least, x)),
)
