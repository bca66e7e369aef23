import { defineActivation } from './activation.ts'
import { affine, named } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.log_sigmoid. */
export const logSigmoid = defineActivation({
  type: 'log_sigmoid',
  summary: 'log(1 / (1 + exp(-x)))',
  options: () => ({}),
  topology: (keras, _config, x) => affine(keras, named(keras, affine(keras, x, -1), 'softplus'), -1),
  flat: () => ({ saturated: [0] }),
  apply: (b, x) => b.neg(b.softplus(b.neg(x))),
})
