import { defineElementwiseMerge } from './merge.ts'

/** Keras symbol: keras.layers.Average. */
export const average = defineElementwiseMerge('average', 'Mean of the inputs', 'Average', ({ b }, xs) =>
  b.mul(
    xs.reduce((sum, x) => b.add(sum, x)),
    1 / xs.length,
  ),
)
