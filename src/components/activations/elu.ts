import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Keras symbol: keras.activations.elu. */
export const elu = defineActivation({
  type: 'elu',
  summary: 'x where positive, else alpha * (exp(x) - 1)',
  options: () => ({ alpha: z.number().default(1).describe('Limit below zero, negated') }),
  tfjs: ({ alpha }) => (alpha === 1 ? 'elu' : undefined),
  apply: (b, x, { alpha }) => b.add(b.relu(x), b.mul(b.expm1(b.min(x, 0)), alpha)),
})
