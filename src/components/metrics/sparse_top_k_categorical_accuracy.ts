import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'
import { checkK, inTopK, kOption } from './top_k.ts'

/** Keras symbol: keras.metrics.SparseTopKCategoricalAccuracy. */
export const sparseTopKCategoricalAccuracy = defineMetric({
  type: 'sparse_top_k_categorical_accuracy',
  summary: 'Share of rows whose target class, given by its index, is among the k likeliest',
  target: 'index',
  counts: 'class',
  better: 'higher',
  ordinal: true,
  options: () => ({ k: kOption() }),
  checkPrediction: checkK,
  size: () => 2,
  update: (b, { target, prediction, weights }, { k }) =>
    weightedSums(b, inTopK(b, prediction, target, k), weights),
  result: ratio,
})
