import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { above, affine, sum } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.hard_shrink. */
export const hardShrink = defineActivation({
  type: 'hard_shrink',
  summary: 'x where its absolute value is above a threshold, else 0',
  options: () => ({
    threshold: z.number().min(0).default(0.5).describe('Largest absolute value that becomes 0'),
  }),
  topology: (keras, { threshold }, x) =>
    sum(keras, above(keras, x, threshold), affine(keras, above(keras, affine(keras, x, -1), threshold), -1)),
  flat: () => ({ off: 0 }),
  apply: (b, x, { threshold }) => b.select(b.greater(b.abs(x), threshold), x, 0),
})
