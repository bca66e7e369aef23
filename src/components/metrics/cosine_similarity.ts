import { cosine } from '../losses/cosine.ts'
import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.CosineSimilarity; unlike the loss of this name, 1 means that both point the same way. */
export const cosineSimilarity = defineMetric({
  type: 'cosine_similarity',
  summary: 'Cosine of the angle between target and prediction',
  target: 'values',
  counts: 'value',
  better: 'higher',
  options: () => ({}),
  size: () => 2,
  update: (b, { weights, ...compared }) => weightedSums(b, cosine(b, compared, -1), weights),
  result: ratio,
})
