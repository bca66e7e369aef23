import * as z from 'zod'

import { EPSILON } from '../epsilon.ts'
import { area } from './curve.ts'
import { defineMetric } from './metric.ts'
import { asRows } from './rows.ts'

/** Each threshold is compared with every prediction. */
const MOST_THRESHOLDS = 2 ** 16

/** Keras symbol: keras.metrics.AUC. Each unit of each row counts as a prediction of its own. */
export const auc = defineMetric({
  type: 'auc',
  keras: 'AUC',
  summary:
    'Area under the curve of true against false positives, or of precision against recall; with one unit, of the positive class',
  target: 'values',
  counts: 'positive',
  better: 'higher',
  options: () => ({
    num_thresholds: z.int().min(2).max(MOST_THRESHOLDS).default(200).describe('Points of the curve'),
    curve: z
      .enum(['ROC', 'PR', 'PRGAIN'])
      .default('ROC')
      .describe(
        'ROC: true against false positive rate; PR: precision against recall; PRGAIN: their gains (Flach and Kull 2015)',
      ),
    summation_method: z
      .enum(['interpolation', 'majoring', 'minoring'])
      .default('interpolation')
      .describe('Value of the curve between two points: their mean, the larger or the smaller'),
    thresholds: z
      .array(z.number().min(0).max(1))
      .min(1)
      .nullable()
      .default(null)
      .describe('The points of the curve between 0 and 1; default: num_thresholds at equal distances'),
    from_logits: z.boolean().default(false).describe('Predictions are logits, not probabilities'),
  }),
  size: ({ num_thresholds, thresholds }) => 2 * (thresholds?.length ?? num_thresholds - 2) + 6,
  update(b, scored, { num_thresholds, thresholds, from_logits }) {
    const { target, prediction, weights } = asRows(b, scored)
    const flat = [prediction.shape[0] ?? 0, prediction.shape[1] ?? 1, 1]
    const probability = b.reshape(from_logits ? b.sigmoid(prediction) : prediction, flat)
    const yes = b.sub(1, b.equal(target, 0))
    const positive = b.mul(yes, weights)
    const negative = b.mul(b.sub(1, yes), weights)
    // Everything is above the first threshold and nothing above the last.
    const above =
      thresholds === null
        ? b.greater(
            b.mul(b.clip(probability, 0, 1), num_thresholds - 1),
            b.constant(Array.from({ length: num_thresholds }, (_, i) => (i === 0 ? -1 : i))),
          )
        : b.greater(probability, b.constant([-EPSILON, ...thresholds.toSorted((a, c) => a - c), 1 + EPSILON]))
    const counted = (part: typeof yes) => b.sum(b.mul(above, b.reshape(part, flat)), [0, 1])
    const totals = b.stack([b.sum(positive), b.sum(negative)], 0)
    return b.concat([counted(positive), counted(negative), totals], 0)
  },
  result(sums, { curve, summation_method }) {
    const all = Array.from(sums)
    const points = (all.length - 2) / 2
    const [positives = 0, negatives = 0] = all.slice(2 * points)
    const counts = Array.from({ length: points }, (_, i) => {
      const [truePositives, falsePositives] = [all[i] ?? 0, all[points + i] ?? 0]
      return {
        truePositives,
        falsePositives,
        trueNegatives: negatives - falsePositives,
        falseNegatives: positives - truePositives,
      }
    })
    return area(counts, curve, summation_method)
  },
})
