import * as z from 'zod'

import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** Keras symbol: keras.metrics.BinaryAccuracy. */
export const binaryAccuracy = defineMetric({
  type: 'binary_accuracy',
  summary: 'Share of yes-or-no targets whose prediction is on the right side of the threshold',
  target: 'values',
  counts: 'yes',
  better: 'higher',
  options: () => ({
    threshold: z.number().min(0).max(1).default(0.5).describe('Predictions above it are positive'),
  }),
  size: () => 2,
  update(b, { target, prediction, weights }, { threshold }) {
    const hits = b.equal(b.greater(prediction, threshold), target)
    return weightedSums(b, b.mean(hits, -1), weights)
  },
  result: ratio,
})
