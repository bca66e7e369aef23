import * as z from 'zod'

import { defineLoss } from './loss.ts'

/** Huber (1964). Keras symbol: keras.losses.Huber. */
export const huber = defineLoss({
  type: 'huber',
  summary: 'Half the square of small differences, linear in large ones',
  target: 'values',
  kind: 'numbers',
  options: () => ({
    delta: z.number().positive().default(1).describe('Difference at which the two parts meet'),
  }),
  call(b, { target, prediction }, { delta }) {
    const difference = b.abs(b.sub(prediction, target))
    const near = b.min(difference, delta)
    return b.mean(b.add(b.mul(b.square(near), 0.5), b.mul(b.sub(difference, near), delta)), -1)
  },
})
