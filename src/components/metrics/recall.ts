import { callOptions, callsOf, checkCalls } from './calls.ts'
import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.Recall. */
export const recall = defineMetric({
  type: 'recall',
  summary: 'Share of the yeses that are found',
  target: 'values',
  better: 'higher',
  options: callOptions,
  checkPrediction: checkCalls,
  size: () => 2,
  update(b, scored, config) {
    const { is, called, weights } = callsOf(b, scored, config)
    return weightedSums(b, called, b.mul(is, weights))
  },
  result: ratio,
})
