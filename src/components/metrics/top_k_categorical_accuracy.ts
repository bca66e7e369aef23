import { defineMetric } from './metric.ts'
import { sparseTopKCategoricalAccuracy } from './sparse_top_k_categorical_accuracy.ts'
import { weightedSums } from './ratio.ts'
import { inTopK } from './top_k.ts'

/** Keras symbol: keras.metrics.TopKCategoricalAccuracy. */
export const topKCategoricalAccuracy = defineMetric({
  ...sparseTopKCategoricalAccuracy,
  type: 'top_k_categorical_accuracy',
  summary: 'Share of rows whose target class, given one-hot, is among the k likeliest',
  target: 'one_hot',
  counts: 'class',
  update: (b, { target, prediction, weights }, { k }) =>
    weightedSums(b, inTopK(b, prediction, b.argmax(target), k), weights),
})
