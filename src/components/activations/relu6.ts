import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.relu6. */
export const relu6 = defineActivation({
  type: 'relu6',
  summary: 'x between 0 and 6',
  options: () => ({}),
  tfjs: () => 'relu6',
  flat: () => ({ off: 0, saturated: [6] }),
  apply: (b, x) => b.select(b.less(x, 6), b.relu(x), 6),
})
