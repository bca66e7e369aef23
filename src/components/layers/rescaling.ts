import * as z from 'zod'

import { defineLayer } from './layer.ts'

/** Keras symbol: keras.layers.Rescaling. */
export const rescaling = defineLayer({
  type: 'rescaling',
  summary: 'scale * x + offset',
  masking: 'pass',
  options: () => ({
    scale: z.number().describe('Factor'),
    offset: z.number().default(0).describe('Added to the product'),
  }),
  outputShape: (_config, input) => input,
  forward: ({ b }, { scale, offset }, x) => b.add(b.mul(x, scale), offset),
  topology: (keras, { scale, offset }, input) =>
    keras.layer('Rescaling', { scale, offset }, [input], input.shape),
})
