import * as z from 'zod'

import { defineRegularizer } from './regularizer.ts'

/** Keras symbol: keras.regularizers.L1. */
export const l1 = defineRegularizer({
  type: 'l1',
  summary: 'l1 times the sum of absolute values',
  options: () => ({ l1: z.number().min(0).default(0.01).describe('Factor of the penalty') }),
  penalty: (b, x, config) => b.mul(b.sum(b.abs(x)), config.l1),
})
