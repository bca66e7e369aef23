import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.RootMeanSquaredError. */
export const rootMeanSquaredError = defineMetric({
  type: 'root_mean_squared_error',
  aliases: ['rmse'],
  summary: 'Root of the mean squared difference',
  target: 'values',
  counts: 'value',
  compares: 'differences',
  better: 'lower',
  options: () => ({}),
  size: () => 2,
  update: (b, { target, prediction, weights }) =>
    weightedSums(b, b.mean(b.square(b.sub(prediction, target)), -1), weights),
  result: (sums) => Math.sqrt(ratio(sums)),
})
