import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import { EPSILON } from '../epsilon.ts'
import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.MeanSquaredLogarithmicError. */
export const meanSquaredLogarithmicError = defineLoss({
  type: 'mean_squared_logarithmic_error',
  aliases: ['msle'],
  summary: 'Mean of the squared differences of log(1 + x)',
  target: 'values',
  kind: 'numbers',
  compares: 'ratios',
  options: () => ({}),
  call: (b, { target, prediction }) =>
    b.mean(b.square(b.sub(logarithm(b, prediction), logarithm(b, target))), -1),
})

function logarithm(b: Builder, x: Value): Value {
  return b.log1p(b.max(x, EPSILON))
}
