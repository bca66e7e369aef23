import * as z from 'zod'

import { defineRegularizer } from './regularizer.ts'

/** Keras symbol: keras.regularizers.L2. */
export const l2 = defineRegularizer({
  type: 'l2',
  summary: 'l2 times the sum of squares',
  options: () => ({ l2: z.number().min(0).default(0.01).describe('Factor of the penalty') }),
  penalty: (b, x, config) => b.mul(b.sum(b.square(x)), config.l2),
})
