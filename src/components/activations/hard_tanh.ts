import { defineActivation } from './activation.ts'
import { affine, ramp } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.hard_tanh. */
export const hardTanh = defineActivation({
  type: 'hard_tanh',
  summary: 'x between -1 and 1',
  options: () => ({}),
  topology: (keras, _config, x) => affine(keras, ramp(keras, affine(keras, x, 1, 1), 2), 1, -1),
  flat: () => ({ saturated: [-1, 1] }),
  apply: (b, x) => b.clip(x, -1, 1),
})
