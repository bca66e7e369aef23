import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.CategoricalAccuracy. */
export const categoricalAccuracy = defineMetric({
  type: 'categorical_accuracy',
  summary: 'Share of rows whose largest probability is at the class of the one-hot target',
  target: 'one_hot',
  counts: 'class',
  better: 'higher',
  ordinal: true,
  options: () => ({}),
  size: () => 2,
  update: (b, { target, prediction, weights }) =>
    weightedSums(b, b.equal(b.argmax(prediction), b.argmax(target)), weights),
  result: ratio,
})
