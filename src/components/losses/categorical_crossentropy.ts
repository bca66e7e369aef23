import {
  crossentropyOfDistribution,
  fromLogitsOption,
  smooth,
  smoothedClassesOption,
} from './crossentropy.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.CategoricalCrossentropy. */
export const categoricalCrossentropy = defineLoss({
  type: 'categorical_crossentropy',
  summary: '-sum(target * log(prediction)) of one-hot targets',
  target: 'one_hot',
  kind: 'classes',
  probabilities: 'softmax',
  options: () => ({ from_logits: fromLogitsOption(), label_smoothing: smoothedClassesOption() }),
  call(b, { target, prediction }, { from_logits, label_smoothing }) {
    const wanted = smooth(b, target, label_smoothing, prediction.shape.at(-1) ?? 1)
    return crossentropyOfDistribution(b, wanted, prediction, from_logits)
  },
})
