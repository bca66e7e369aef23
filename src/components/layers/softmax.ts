import * as z from 'zod'

import { alongLastAxis, axesIn } from '../activations/axis.ts'
import { named } from '../activations/tfjs-layers.ts'
import { defineLayer } from './layer.ts'

/** Keras symbol: keras.layers.Softmax. */
export const softmax = defineLayer({
  type: 'softmax',
  summary: 'exp(x) over its sum along one or more axes: probabilities that add up to 1',
  masking: 'pass',
  options: () => ({
    axis: z
      .union([z.int(), z.array(z.int()).min(1)])
      .default(-1)
      .describe('The axis, or the list of axes, along which they add up; axis 0 is the batch, -1 the last'),
  }),
  shapedBy: ['axis'],
  outputShape({ axis }, input) {
    axesIn(input, axis, 'softmax')
    return input
  },
  forward({ b }, { axis }, x) {
    const axes = axesIn(x.shape.slice(1), axis, 'softmax').map((at) => at + 1)
    const [only, ...others] = axes
    if (only !== undefined && others.length === 0) return b.softmax(x, only)
    const exponentials = b.exp(b.sub(x, b.stopGradient(b.reduceMax(x, axes, true))))
    return b.div(exponentials, b.sum(exponentials, axes, true))
  },
  activated: ({ axis }) => ({ type: 'softmax', axis }),
  topology(keras, { axis }, input) {
    const axes = axesIn(input.shape, axis, 'softmax')
    const [only = 0, ...others] = axes
    if (others.length > 0) {
      return keras.layer('Softmax', { axis: axes.map((at) => at + 1) }, [input], input.shape)
    }
    // Not as a Softmax layer: that one of TensorFlow.js fails where any layer before it had a mask.
    return alongLastAxis(keras, input, only, (x) => named(keras, x, 'softmax'))
  },
})
