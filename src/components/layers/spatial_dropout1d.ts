import * as z from 'zod'

import { defineLayer } from './layer.ts'
import { drop, noiseShapeOf } from './noise.ts'
import { requireSpatial } from './window.ts'

/** Tompson et al. (2014). Keras symbol: keras.layers.SpatialDropout1D. */
export const spatialDropout1d = defineLayer({
  type: 'spatial_dropout1d',
  summary: 'Dropout of whole channels of sequences [steps, channels]',
  masking: 'pass',
  options: () => ({ rate: z.number().min(0).max(1).describe('Share of the channels set to 0') }),
  outputShape(_config, input) {
    requireSpatial('spatial_dropout1d', input, 1)
    return input
  },
  forward: (context, { rate }, x) =>
    context.training && rate > 0 ? drop(context, x, rate, noiseShapeOf([null, 1, null], x)) : x,
  topology: (keras, { rate }, input) => keras.layer('SpatialDropout1D', { rate }, [input], input.shape),
})
