import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.linear. */
export const linear = defineActivation({
  type: 'linear',
  aliases: ['identity'],
  summary: 'x itself',
  options: () => ({}),
  tfjs: () => 'linear',
  apply: (_b, x) => x,
})
