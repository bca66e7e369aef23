import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.softplus. */
export const softplus = defineActivation({
  type: 'softplus',
  summary: 'log(1 + exp(x))',
  options: () => ({}),
  tfjs: () => 'softplus',
  flat: () => ({ saturated: [0] }),
  apply: (b, x) => b.softplus(x),
})
