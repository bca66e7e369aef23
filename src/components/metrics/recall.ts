import { defineCallMetric } from './calls.ts'

/** Keras symbol: keras.metrics.Recall. */
export const recall = defineCallMetric(
  'recall',
  'Share of the yeses that are found; of one unit those of the positive class, data.target.positive',
  ({ is, called }) => ({
    share: called,
    among: is,
  }),
)
