import { defineActivation } from './activation.ts'
import { affine, ramp } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.hard_sigmoid. TensorFlow.js's function of this name is steeper: 0.2 * x + 0.5. */
export const hardSigmoid = defineActivation({
  type: 'hard_sigmoid',
  summary: 'x / 6 + 0.5 between 0 and 1: sigmoid in straight lines',
  options: () => ({}),
  topology: (keras, _config, x) => ramp(keras, affine(keras, x, 1 / 6, 0.5), 1),
  flat: () => ({ saturated: [0, 1] }),
  apply: (b, x) => b.clip(b.add(b.mul(x, 1 / 6), 0.5), 0, 1),
})
