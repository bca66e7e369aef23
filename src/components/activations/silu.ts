import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.silu. */
export const silu = defineActivation({
  type: 'silu',
  aliases: ['swish'],
  summary: 'x * sigmoid(x)',
  options: () => ({}),
  tfjs: () => 'swish',
  flat: () => ({ off: 0 }),
  apply: (b, x) => b.mul(x, b.sigmoid(x)),
})
