import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.exponential. */
export const exponential = defineActivation({
  type: 'exponential',
  summary: 'exp(x)',
  options: () => ({}),
  flat: () => ({ saturated: [0] }),
  apply: (b, x) => b.exp(x),
})
