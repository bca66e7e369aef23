import { EPSILON } from '../epsilon.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.MeanAbsolutePercentageError. */
export const meanAbsolutePercentageError = defineLoss({
  type: 'mean_absolute_percentage_error',
  aliases: ['mape'],
  summary: 'Mean of the absolute differences in percent of the targets',
  target: 'values',
  kind: 'numbers',
  compares: 'ratios',
  divides: true,
  options: () => ({}),
  call(b, { target, prediction, difference = b.sub(target, prediction) }) {
    const size = b.max(b.abs(target), EPSILON)
    return b.mul(b.mean(b.abs(b.div(difference, size)), -1), 100)
  },
})
