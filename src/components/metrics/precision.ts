import { defineCallMetric } from './calls.ts'

/** Keras symbol: keras.metrics.Precision. */
export const precision = defineCallMetric(
  'precision',
  'Share of the predicted yeses that are right',
  ({ is, called }) => ({ share: is, among: called }),
)
