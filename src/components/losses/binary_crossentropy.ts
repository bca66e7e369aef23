import * as z from 'zod'

import { EPSILON } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.BinaryCrossentropy. */
export const binaryCrossentropy = defineLoss({
  type: 'binary_crossentropy',
  summary: 'Crossentropy of independent yes-or-no targets',
  target: 'values',
  options: () => ({
    from_logits: z.boolean().default(false).describe('Predictions are logits, not probabilities'),
    label_smoothing: z.number().min(0).max(1).default(0).describe('How far targets are moved towards 0.5'),
  }),
  call(b, { target, prediction }, { from_logits, label_smoothing }) {
    const wanted =
      label_smoothing === 0 ? target : b.add(b.mul(target, 1 - label_smoothing), label_smoothing / 2)
    const logits = from_logits ? prediction : b.logitsOf(prediction, 'sigmoid')
    if (logits !== undefined) return b.mean(b.sub(b.softplus(logits), b.mul(logits, wanted)), -1)
    const share = b.clip(prediction, EPSILON, 1 - EPSILON)
    const yes = b.mul(wanted, b.log(share))
    const no = b.mul(b.sub(1, wanted), b.log(b.sub(1, share)))
    return b.mean(b.neg(b.add(yes, no)), -1)
  },
})
