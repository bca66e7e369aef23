import { defineActivation } from './activation.ts'

/** Misra (2019). Keras symbol: keras.activations.mish. */
export const mish = defineActivation({
  type: 'mish',
  summary: 'x * tanh(softplus(x))',
  options: () => ({}),
  tfjs: () => 'mish',
  flat: () => ({ off: 0 }),
  apply: (b, x) => b.mul(x, b.tanh(b.softplus(x))),
})
