import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.SparseCategoricalAccuracy. */
export const sparseCategoricalAccuracy = defineMetric({
  type: 'sparse_categorical_accuracy',
  summary: 'Share of rows whose largest probability is at the target class, given by its index',
  target: 'index',
  counts: 'class',
  better: 'higher',
  ordinal: true,
  options: () => ({}),
  size: () => 2,
  update: (b, { target, prediction, weights }) =>
    weightedSums(b, b.equal(b.argmax(prediction), target), weights),
  result: ratio,
})
