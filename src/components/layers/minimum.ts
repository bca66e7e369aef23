import { defineElementwiseMerge, extreme } from './merge.ts'

/** Keras symbol: keras.layers.Minimum. */
export const minimum = defineElementwiseMerge(
  'minimum',
  'Smallest of the inputs, element by element',
  'Minimum',
  (context, xs) => extreme(context, xs, (least, x) => context.b.min(least, x)),
  { readsMasks: true },
)
