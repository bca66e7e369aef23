import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.sigmoid. */
export const sigmoid = defineActivation({
  type: 'sigmoid',
  summary: '1 / (1 + exp(-x))',
  options: () => ({}),
  tfjs: () => 'sigmoid',
  flat: () => ({ saturated: [0, 1] }),
  apply: (b, x) => b.sigmoid(x),
})
