import { defineMetric } from './metric.ts'

/** Keras symbol: keras.metrics.CategoricalAccuracy. Sums: weighted hits, weights. */
export const categoricalAccuracy = defineMetric({
  type: 'categorical_accuracy',
  summary: 'Share of rows whose largest probability is at the class of the one-hot target',
  target: 'one_hot',
  better: 'higher',
  options: () => ({}),
  size: () => 2,
  update(b, { target, prediction, weights }) {
    const hit = b.equal(b.argmax(prediction), b.argmax(target))
    return b.stack([b.sum(b.mul(hit, weights)), b.sum(weights)], 0)
  },
  result: ([hits = 0, total = 0]: ArrayLike<number> & Iterable<number>) => (total === 0 ? 0 : hits / total),
})
