import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.softmax. */
export const softmax = defineActivation({
  type: 'softmax',
  summary: 'exp(x) over its sum along an axis: probabilities that add up to 1',
  options: () => ({ axis: z.int().default(-1).describe('Axis along which the probabilities add up') }),
  tfjs: ({ axis }) => (axis === -1 ? 'softmax' : undefined),
  apply: (b, x, { axis }) => b.softmax(x, axis),
})
