import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { normal } from './noise.ts'

/** Srivastava et al. (2014), section 10. Keras symbol: keras.layers.GaussianDropout. */
export const gaussianDropout = defineLayer({
  type: 'gaussian_dropout',
  summary: 'During training, multiplies by normal noise of mean 1 with the variance of dropout',
  masking: 'pass',
  options: () => ({
    rate: z.number().min(0).lt(1).describe('As in dropout: the noise has variance rate / (1 - rate)'),
  }),
  outputShape: (_config, input) => input,
  forward(context, { rate }, x) {
    if (!context.training || rate === 0) return x
    const { b } = context
    return b.mul(x, b.add(b.mul(normal(context, x.shape), Math.sqrt(rate / (1 - rate))), 1))
  },
  topology: (keras, { rate }, input) => keras.layer('GaussianDropout', { rate }, [input], input.shape),
})
