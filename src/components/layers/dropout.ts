import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { drop, noiseShapeOf, noiseShapeOption, requireNoiseShape } from './noise.ts'

/** Srivastava et al. (2014). Keras symbol: keras.layers.Dropout. */
export const dropout = defineLayer({
  type: 'dropout',
  summary: 'During training, sets a share of its input to 0 and scales up the rest to keep the sum',
  masking: 'pass',
  options: () => ({
    rate: z.number().min(0).max(1).describe('Share of the input set to 0'),
    noise_shape: noiseShapeOption(),
  }),
  shapedBy: ['noise_shape'],
  outputShape({ noise_shape }, input) {
    requireNoiseShape(noise_shape, input)
    return input
  },
  forward: (context, { rate, noise_shape }, x) =>
    context.training && rate > 0 ? drop(context, x, rate, noiseShapeOf(noise_shape, x)) : x,
  topology: (keras, { rate, noise_shape }, input) =>
    keras.layer('Dropout', { rate, noise_shape }, [input], input.shape),
})
