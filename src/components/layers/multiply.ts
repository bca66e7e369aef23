import { defineElementwiseMerge } from './merge.ts'

/** Keras symbol: keras.layers.Multiply. */
export const multiply = defineElementwiseMerge('multiply', 'Product of the inputs', 'Multiply', (b, xs) =>
  xs.reduce((product, x) => b.mul(product, x)),
)
