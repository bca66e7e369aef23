import * as z from 'zod'

import { defineMetric } from './metric.ts'
import { asRows, sumRows } from './rows.ts'

/** Keras symbol: keras.metrics.R2Score. */
export const r2Score = defineMetric({
  type: 'r2_score',
  aliases: ['r2'],
  summary: 'Share of the variance of the targets that the predictions explain',
  target: 'values',
  counts: 'value',
  compares: 'differences',
  better: 'higher',
  options: () => ({
    class_aggregation: z
      .enum(['uniform_average', 'variance_weighted_average'])
      .default('uniform_average')
      .describe('How the units become one value: their mean, or weighted by the variance of their targets'),
    num_regressors: z
      .int()
      .min(0)
      .default(0)
      .describe('Number of features that the score is adjusted for; 0: not adjusted'),
  }),
  size: (_config, prediction) => 4 * (prediction.at(-1) ?? 1) + 1,
  update(b, scored) {
    const { target, prediction, weights } = asRows(b, scored)
    const ones = b.constant(1, target.shape)
    const around = scored.centered ? b.reshape(scored.centered, target.shape) : target
    return b.concat(
      [
        sumRows(b, around, weights),
        sumRows(b, b.square(around), weights),
        sumRows(b, b.square(b.sub(target, prediction)), weights),
        sumRows(b, ones, weights),
        b.reshape(b.sum(b.sub(1, b.equal(weights, 0))), [1]),
      ],
      0,
    )
  },
  result(sums, { class_aggregation, num_regressors }) {
    const units = (sums.length - 1) / 4
    const scores = Array.from({ length: units }, (_, i) => {
      const [sum, squares, residual, count] = [0, 1, 2, 3].map((part) => sums[part * units + i] ?? 0)
      const variance = (squares ?? 0) - (sum ?? 0) ** 2 / (count ?? 0)
      const score = 1 - (residual ?? 0) / variance
      return { variance, score: Math.abs(score) === Infinity ? 0 : score }
    })
    const weigh = class_aggregation === 'uniform_average' ? () => 1 : (unit: Unit) => unit.variance
    const weight = scores.reduce((sum, unit) => sum + weigh(unit), 0)
    const score = scores.reduce((sum, unit) => sum + weigh(unit) * unit.score, 0) / weight
    // Rows of a weight other than 0, as in Keras 3.16; Keras 3.15 counts every unit of every row.
    const samples = sums[sums.length - 1] ?? 0
    const adjusted = num_regressors > 0 && num_regressors < samples - 1
    return adjusted ? 1 - ((1 - score) * (samples - 1)) / (samples - num_regressors - 1) : score
  },
})

type Unit = { readonly variance: number; readonly score: number }
