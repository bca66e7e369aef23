import { defineElementwiseMerge } from './merge.ts'

/** Keras symbol: keras.layers.Add. */
export const add = defineElementwiseMerge('add', 'Sum of the inputs', 'Add', ({ b }, xs) =>
  xs.reduce((sum, x) => b.add(sum, x)),
)
