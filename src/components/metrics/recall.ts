import { defineCallMetric } from './calls.ts'

/** Keras symbol: keras.metrics.Recall. */
export const recall = defineCallMetric(
  'recall',
  'Share of the positive targets that are found; with one unit, those of the positive class, data.target.positive',
  ({ is, called }) => ({
    share: called,
    among: is,
  }),
)
