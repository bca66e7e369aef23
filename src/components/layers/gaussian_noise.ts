import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { normal } from './noise.ts'

/** Keras symbol: keras.layers.GaussianNoise. */
export const gaussianNoise = defineLayer({
  type: 'gaussian_noise',
  summary: 'During training, adds normal noise of mean 0',
  masking: 'pass',
  options: () => ({ stddev: z.number().nonnegative().describe('Standard deviation of the noise') }),
  outputShape: (_config, input) => input,
  forward: (context, { stddev }, x) =>
    context.training && stddev > 0 ? context.b.add(x, context.b.mul(normal(context, x.shape), stddev)) : x,
  topology: (keras, { stddev }, input) => keras.layer('GaussianNoise', { stddev }, [input], input.shape),
})
