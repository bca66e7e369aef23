import { EPSILON } from '../epsilon.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.Poisson. */
export const poisson = defineLoss({
  type: 'poisson',
  summary: 'Mean of prediction - target * log(prediction): counts whose rate is predicted',
  target: 'values',
  kind: 'numbers',
  compares: 'ratios',
  options: () => ({}),
  call: (b, { target, prediction }) =>
    b.mean(b.sub(prediction, b.mul(target, b.log(b.add(prediction, EPSILON)))), -1),
})
