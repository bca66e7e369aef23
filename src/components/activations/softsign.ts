import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.softsign. */
export const softsign = defineActivation({
  type: 'softsign',
  summary: 'x / (1 + |x|)',
  options: () => ({}),
  tfjs: () => 'softsign',
  flat: () => ({ saturated: [-1, 1] }),
  apply: (b, x) => b.div(x, b.add(b.abs(x), 1)),
})
