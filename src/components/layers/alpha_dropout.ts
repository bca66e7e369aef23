import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { kept, noiseShapeOf, noiseShapeOption, requireNoiseShape } from './noise.ts'

/** Limit of selu far below 0: -scale * alpha, of Klambauer et al. (2017). */
const FLOOR = -1.0507009873554805 * 1.6732632423543772

/** Klambauer et al. (2017), section 2. Keras symbol: keras.layers.AlphaDropout. */
export const alphaDropout = defineLayer({
  type: 'alpha_dropout',
  summary: "During training, sets a share of its input to selu's floor, keeping mean 0 and variance 1",
  masking: 'pass',
  options: () => ({
    rate: z.number().min(0).lt(1).describe('Share of the input set to the floor'),
    noise_shape: noiseShapeOption(),
  }),
  shapedBy: ['noise_shape'],
  outputShape({ noise_shape }, input) {
    requireNoiseShape(noise_shape, input)
    return input
  },
  forward(context, { rate, noise_shape }, x) {
    if (!context.training || rate === 0) return x
    const { b } = context
    const factor = ((1 - rate) * (1 + rate * FLOOR ** 2)) ** -0.5
    const dropped = b.select(kept(context, noiseShapeOf(noise_shape, x), rate), x, FLOOR)
    return b.add(b.mul(dropped, factor), -factor * FLOOR * rate)
  },
  topology: (keras, { rate, noise_shape }, input) =>
    keras.layer('AlphaDropout', { rate, noise_shape }, [input], input.shape),
})
