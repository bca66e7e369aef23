import * as z from 'zod'

import { crossentropyOfDistribution } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.SparseCategoricalCrossentropy. */
export const sparseCategoricalCrossentropy = defineLoss({
  type: 'sparse_categorical_crossentropy',
  summary: '-log of the probability of the target class, given by its index',
  target: 'index',
  options: () => ({
    from_logits: z.boolean().default(false).describe('Predictions are logits, not probabilities'),
  }),
  call: (b, { target, prediction }, { from_logits }) =>
    crossentropyOfDistribution(b, b.oneHot(target, prediction.shape.at(-1) ?? 1), prediction, from_logits),
})
