import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.tanh. */
export const tanh = defineActivation({
  type: 'tanh',
  summary: 'Hyperbolic tangent',
  options: () => ({}),
  tfjs: () => 'tanh',
  flat: () => ({ saturated: [-1, 1] }),
  apply: (b, x) => b.tanh(x),
})
