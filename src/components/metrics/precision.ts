import { callOptions, callsOf, checkCalls } from './calls.ts'
import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.Precision. */
export const precision = defineMetric({
  type: 'precision',
  summary: 'Share of the predicted yeses that are right',
  target: 'values',
  better: 'higher',
  options: callOptions,
  checkPrediction: checkCalls,
  size: () => 2,
  update(b, scored, config) {
    const { is, called, weights } = callsOf(b, scored, config)
    return weightedSums(b, is, b.mul(called, weights))
  },
  result: ratio,
})
