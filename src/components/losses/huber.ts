import * as z from 'zod'

import { defineLoss } from './loss.ts'

/** Huber (1964). Keras symbol: keras.losses.Huber. */
export const huber = defineLoss({
  type: 'huber',
  summary: 'Half the square of small differences, linear in large ones',
  target: 'values',
  kind: 'numbers',
  compares: 'differences',
  options: () => ({
    delta: z.number().positive().default(1).describe('Difference at which the two parts meet'),
  }),
  call(b, { target, prediction }, { delta }) {
    const difference = b.abs(b.sub(prediction, target))
    const near = b.min(difference, delta)
    // Not near^2 / 2 + delta * (difference - near), whose gradient adds and subtracts delta.
    return b.mean(b.mul(near, b.sub(difference, b.mul(near, 0.5))), -1)
  },
})
