import { defineActivation } from './activation.ts'
import { affine, named, sum } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.tanh_shrink. */
export const tanhShrink = defineActivation({
  type: 'tanh_shrink',
  summary: 'x - tanh(x)',
  options: () => ({}),
  topology: (keras, _config, x) => sum(keras, x, affine(keras, named(keras, x, 'tanh'), -1)),
  apply: (b, x) => b.sub(x, b.tanh(x)),
})
