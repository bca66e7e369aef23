import { EPSILON } from '../epsilon.ts'
import { crossentropyOfDistribution, fromLogitsOption } from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/**
 * Keras symbol: keras.losses.SparseCategoricalCrossentropy. Unlike categorical_crossentropy it clips probabilities
 * before it divides them by their sum.
 */
export const sparseCategoricalCrossentropy = defineLoss({
  type: 'sparse_categorical_crossentropy',
  summary: '-log of the probability of the target class, given by its index',
  target: 'index',
  kind: 'classes',
  probabilities: 'softmax',
  options: () => ({ from_logits: fromLogitsOption() }),
  call(b, { target, prediction }, { from_logits }) {
    const logits = from_logits ? prediction : b.logitsOf(prediction, 'softmax')
    return crossentropyOfDistribution(
      b,
      b.oneHot(target, prediction.shape.at(-1) ?? 1),
      logits ?? b.log(b.clip(prediction, EPSILON, 1 - EPSILON)),
      true,
    )
  },
})
