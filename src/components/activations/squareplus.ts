import * as z from 'zod'

import { defineActivation } from './activation.ts'

/** Barron (2021). Keras symbol: keras.activations.squareplus. */
export const squareplus = defineActivation({
  type: 'squareplus',
  summary: '(x + sqrt(x^2 + b)) / 2',
  options: () => ({ b: z.number().positive().default(4).describe('Smoothness of the bend at 0') }),
  flat: () => ({ saturated: [0] }),
  apply(b, x, config) {
    const root = b.sqrt(b.add(b.square(x), config.b))
    // Below 0, x and the root cancel: (x + root) * (root - x) = b.
    return b.mul(b.select(b.less(x, 0), b.div(config.b, b.sub(root, b.min(x, 0))), b.add(x, root)), 0.5)
  },
})
