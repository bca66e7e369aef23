import { EPSILON } from '../epsilon.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.KLDivergence. */
export const klDivergence = defineLoss({
  type: 'kl_divergence',
  keras: 'KLDivergence',
  aliases: ['kld', 'kullback_leibler_divergence'],
  summary: 'sum(target * log(target / prediction)) of two distributions',
  target: 'values',
  kind: 'numbers',
  compares: 'ratios',
  options: () => ({}),
  call(b, { target, prediction }) {
    const [wanted, got] = [b.clip(target, EPSILON, 1), b.clip(prediction, EPSILON, 1)]
    return b.sum(b.mul(wanted, b.log(b.div(wanted, got))), -1)
  },
})
