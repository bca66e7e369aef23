import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.leaky_relu. */
export const leakyRelu = defineActivation({
  type: 'leaky_relu',
  kerasLayer: 'LeakyReLU',
  summary: 'x where positive, else negative_slope * x',
  options: () => ({ negative_slope: z.number().default(0.2).describe('Slope below zero') }),
  topology: (keras, { negative_slope }, x) =>
    keras.layer('LeakyReLU', { alpha: negative_slope }, [x], x.shape),
  apply: (b, x, { negative_slope }) => b.select(b.greater(x, 0), x, b.mul(x, negative_slope)),
})
