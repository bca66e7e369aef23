import { defineActivation } from './activation.ts'
import { alongLastAxis, axisIn, axisOption } from './axis.ts'
import { named } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.log_softmax. */
export const logSoftmax = defineActivation({
  type: 'log_softmax',
  summary: 'Logarithms of the probabilities that softmax gives',
  options: () => ({ axis: axisOption('Axis along which the probabilities add up') }),
  outputShape({ axis }, shape) {
    axisIn(shape, axis, 'log_softmax')
    return shape
  },
  tfjs: ({ axis }) => (axis === -1 ? 'log_softmax' : undefined),
  topology: (keras, { axis }, x) =>
    alongLastAxis(keras, x, axisIn(x.shape, axis, 'log_softmax'), (last) =>
      named(keras, last, 'log_softmax'),
    ),
  flat: () => ({ saturated: [0] }),
  apply: (b, x, { axis }) => b.logSoftmax(x, axis),
})
