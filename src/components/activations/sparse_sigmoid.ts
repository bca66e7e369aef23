import { defineActivation } from './activation.ts'
import { affine, ramp } from './tfjs-layers.ts'

/** Blondel et al. (2019). Keras symbol: keras.activations.sparse_sigmoid. */
export const sparseSigmoid = defineActivation({
  type: 'sparse_sigmoid',
  summary: '(x + 1) / 2 between 0 and 1',
  options: () => ({}),
  topology: (keras, _config, x) => ramp(keras, affine(keras, x, 0.5, 0.5), 1),
  flat: () => ({ saturated: [0, 1] }),
  apply: (b, x) => b.clip(b.add(b.mul(x, 0.5), 0.5), 0, 1),
})
