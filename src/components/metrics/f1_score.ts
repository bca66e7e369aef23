import * as z from 'zod'

import { sum } from '../../statistics.ts'
import { ShapeError } from '../shape-error.ts'
import { EPSILON } from '../epsilon.ts'
import { defineMetric } from './metric.ts'
import { asRows, sumRows } from './rows.ts'

/** Keras symbol: keras.metrics.F1Score, whose default `average` gives one value for each class; here it is `macro`. */
export const f1Score = defineMetric({
  type: 'f1_score',
  aliases: ['f1'],
  summary: 'Harmonic mean of precision and recall, of the positive class where there is one unit',
  target: 'one_hot',
  counts: 'positive',
  better: 'higher',
  options: () => ({
    average: z
      .enum(['micro', 'macro', 'weighted'])
      .default('macro')
      .describe(
        'How the classes become one value: micro counts them together, macro takes their mean, weighted their mean by rows',
      ),
    threshold: z
      .number()
      .positive()
      .max(1)
      .nullable()
      .default(null)
      .describe('Predictions above it are positive; default: the largest of a row is'),
  }),
  checkPrediction({ threshold }, prediction) {
    if (threshold !== null || (prediction.at(-1) ?? 1) > 1) return
    throw new ShapeError('without a threshold, f1_score counts the only unit as positive in every row', {
      option: 'threshold',
      hint: 'set threshold: 0.5',
    })
  },
  size: (_config, prediction) => 3 * (prediction.at(-1) ?? 1),
  update(b, scored, { threshold }) {
    const { target, prediction, weights } = asRows(b, scored)
    const largest = b.greaterEqual(prediction, b.reduceMax(prediction, -1, true))
    const called =
      threshold === null
        ? b.mul(largest, b.greater(b.abs(prediction), 1e-9))
        : b.greater(prediction, threshold)
    const right = sumRows(b, b.mul(called, target), weights)
    return b.concat([right, sumRows(b, called, weights), sumRows(b, target, weights)], 0)
  },
  result(sums, { average }) {
    const all = Array.from(sums)
    const classes = all.length / 3
    const [right, called, is] = [0, 1, 2].map((part) => all.slice(part * classes, (part + 1) * classes))
    if (right === undefined || called === undefined || is === undefined) return 0
    if (average === 'micro') return f1(sum(right), sum(called), sum(is))
    const scores = right.map((hits, i) => f1(hits, called[i] ?? 0, is[i] ?? 0))
    if (average === 'macro') return sum(scores) / classes
    return sum(scores.map((score, i) => score * (is[i] ?? 0))) / (sum(is) + EPSILON)
  },
})

/** F1 from the weights of the actual yeses, of the predicted ones and of both, with Keras's epsilons. */
function f1(right: number, called: number, is: number): number {
  const [precision, recall] = [right / (called + EPSILON), right / (is + EPSILON)]
  return (2 * precision * recall) / (precision + recall + EPSILON)
}
