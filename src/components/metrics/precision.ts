import { defineCallMetric } from './calls.ts'

/** Keras symbol: keras.metrics.Precision. */
export const precision = defineCallMetric(
  'precision',
  'Share of the positive predictions that are right; with one unit, those of the positive class, data.target.positive',
  ({ is, called }) => ({ share: is, among: called }),
)
