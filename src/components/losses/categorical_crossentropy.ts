import * as z from 'zod'

import { defineLoss } from './loss.ts'
import { crossentropyOfDistribution } from './crossentropy.ts'

/** Keras symbol: keras.losses.CategoricalCrossentropy. */
export const categoricalCrossentropy = defineLoss({
  type: 'categorical_crossentropy',
  summary: '-sum(target * log(prediction)) of one-hot targets',
  target: 'one_hot',
  options: () => ({
    from_logits: z.boolean().default(false).describe('Predictions are logits, not probabilities'),
    label_smoothing: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Share of the target spread evenly over the classes'),
  }),
  call(b, { target, prediction }, { from_logits, label_smoothing }) {
    const classes = prediction.shape.at(-1) ?? 1
    const smooth =
      label_smoothing === 0 ? target : b.add(b.mul(target, 1 - label_smoothing), label_smoothing / classes)
    return crossentropyOfDistribution(b, smooth, prediction, from_logits)
  },
})
