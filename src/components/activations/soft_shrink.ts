import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { affine, ramp, sum } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.soft_shrink. */
export const softShrink = defineActivation({
  type: 'soft_shrink',
  summary: 'x moved towards 0 by a threshold, and 0 where that would cross it',
  options: () => ({ threshold: z.number().min(0).default(0.5).describe('Distance that x is moved') }),
  topology: (keras, { threshold }, x) =>
    sum(
      keras,
      ramp(keras, affine(keras, x, 1, -threshold)),
      affine(keras, ramp(keras, affine(keras, x, -1, -threshold)), -1),
    ),
  flat: () => ({ off: 0 }),
  apply: (b, x, { threshold }) => b.sub(b.relu(b.sub(x, threshold)), b.relu(b.sub(-threshold, x))),
})
