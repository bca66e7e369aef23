import * as z from 'zod'

import { adam } from './adam.ts'
import { defineOptimizer } from './optimizer.ts'

/** Loshchilov and Hutter (2019). Keras symbol: keras.optimizers.AdamW. */
export const adamw = defineOptimizer({
  ...adam,
  type: 'adamw',
  keras: 'AdamW',
  summary: 'adam with weight decay apart from the gradient',
  options: () => ({
    ...adam.options(),
    weight_decay: z
      .number()
      .min(0)
      .default(0.004)
      .describe('Share of each weight taken away at each update, times the learning rate'),
  }),
})
