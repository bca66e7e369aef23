import * as z from 'zod'

import { defineRegularizer } from './regularizer.ts'

/** Keras symbol: keras.regularizers.L1L2. */
export const l1L2 = defineRegularizer({
  type: 'l1_l2',
  summary: 'l1 times the sum of absolute values plus l2 times the sum of squares',
  options: () => ({
    l1: z.number().min(0).default(0).describe('Factor of the sum of absolute values'),
    l2: z.number().min(0).default(0).describe('Factor of the sum of squares'),
  }),
  penalty: (b, x, config) => b.add(b.mul(b.sum(b.abs(x)), config.l1), b.mul(b.sum(b.square(x)), config.l2)),
})
