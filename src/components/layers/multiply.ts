import { defineElementwiseMerge, eitherMask, keptOr } from './merge.ts'

/** Keras symbol: keras.layers.Multiply. */
export const multiply = defineElementwiseMerge(
  'multiply',
  'Product of the inputs',
  'Multiply',
  ({ b, masks }, xs) => {
    const kept = xs.map((x, i) => keptOr(b, x, masks[i], 1))
    const product = kept.reduce((product, x) => b.mul(product, x))
    return keptOr(b, product, eitherMask({ b, masks }), 0)
  },
  { readsMasks: true },
)
