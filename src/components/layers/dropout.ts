import * as z from 'zod'

import { defineLayer } from './layer.ts'

/** Srivastava et al. (2014). Keras symbol: keras.layers.Dropout. */
export const dropout = defineLayer({
  type: 'dropout',
  summary: 'In training sets a share of its input to 0 and scales the rest up, so that the sum stays',
  masking: 'pass',
  options: () => ({ rate: z.number().min(0).max(1).describe('Share of the input set to 0') }),
  outputShape: (_config, input) => input,
  forward({ b, training, uniform }, { rate }, x) {
    if (!training || rate === 0) return x
    if (rate === 1) return b.mul(x, 0)
    const kept = b.greaterEqual(uniform('dropout', x.shape), rate)
    return b.mul(x, b.mul(kept, 1 / (1 - rate)))
  },
  topology: (keras, { rate }, input) => keras.layer('Dropout', { rate }, [input], input.shape),
})
