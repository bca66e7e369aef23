import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Barron (2021). Keras symbol: keras.activations.squareplus. */
export const squareplus = defineActivation({
  type: 'squareplus',
  summary: '(x + sqrt(x^2 + b)) / 2',
  options: () => ({ b: z.number().positive().default(4).describe('Smoothness of the bend at 0') }),
  apply: (b, x, config) => b.mul(b.add(x, b.sqrt(b.add(b.square(x), config.b))), 0.5),
})
