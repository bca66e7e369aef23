import { defineActivation } from './activation.ts'
import { alongLastAxis, axisIn, axisOption } from './axis.ts'
import { named } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.softmax. */
export const softmax = defineActivation({
  type: 'softmax',
  kerasLayer: 'Softmax',
  summary: 'exp(x) over its sum along an axis: probabilities that add up to 1',
  options: () => ({ axis: axisOption('Axis along which the probabilities add up') }),
  outputShape({ axis }, shape) {
    axisIn(shape, axis, 'softmax')
    return shape
  },
  tfjs: ({ axis }) => (axis === -1 ? 'softmax' : undefined),
  topology: (keras, { axis }, x) =>
    alongLastAxis(keras, x, axisIn(x.shape, axis, 'softmax'), (last) => named(keras, last, 'softmax')),
  flat: () => ({ saturated: [1] }),
  apply: (b, x, { axis }) => b.softmax(x, axis),
})
