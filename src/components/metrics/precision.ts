import { defineCallMetric } from './calls.ts'

/** Keras symbol: keras.metrics.Precision. */
export const precision = defineCallMetric(
  'precision',
  'Share of the predicted yeses that are right; of one unit those of the positive class, data.target.positive',
  ({ is, called }) => ({ share: is, among: called }),
)
