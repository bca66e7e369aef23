import { defineActivation } from './activation.ts'
import { affine, product, ramp } from './tfjs-layers.ts'

/** Howard et al. (2019). Keras symbol: keras.activations.hard_silu. */
export const hardSilu = defineActivation({
  type: 'hard_silu',
  aliases: ['hard_swish'],
  summary: 'x times hard_sigmoid(x)',
  options: () => ({}),
  topology: (keras, _config, x) => product(keras, x, ramp(keras, affine(keras, x, 1 / 6, 0.5), 1)),
  flat: () => ({ off: 0 }),
  apply: (b, x) => b.mul(x, b.clip(b.add(b.mul(x, 1 / 6), 0.5), 0, 1)),
})
