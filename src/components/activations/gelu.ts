import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Hendrycks and Gimpel (2016). Keras symbol: keras.activations.gelu. */
export const gelu = defineActivation({
  type: 'gelu',
  summary: 'x times the standard normal distribution function of x',
  options: () => ({ approximate: z.boolean().default(false).describe('Use the tanh approximation') }),
  tfjs: ({ approximate }) => (approximate ? undefined : 'gelu'),
  apply(b, x, { approximate }) {
    if (!approximate) return b.mul(b.mul(x, 0.5), b.add(b.erf(b.mul(x, Math.SQRT1_2)), 1))
    const inner = b.mul(b.add(x, b.mul(b.mul(b.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))
    return b.mul(b.mul(x, 0.5), b.add(b.tanh(inner), 1))
  },
})
