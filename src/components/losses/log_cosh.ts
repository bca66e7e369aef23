import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.LogCosh. */
export const logCosh = defineLoss({
  type: 'log_cosh',
  aliases: ['log_cosh_error'],
  summary: 'log(cosh(difference)): like half the square of small differences, linear in large ones',
  target: 'values',
  kind: 'numbers',
  compares: 'differences',
  options: () => ({}),
  call(b, { target, prediction }) {
    const difference = b.sub(prediction, target)
    // cosh(x) - 1 = expm1(-x)^2 * exp(x) / 2, which does not cancel near 0.
    const near = b.clip(difference, -1, 1)
    const small = b.log1p(b.mul(b.mul(b.square(b.expm1(b.neg(near))), b.exp(near)), 0.5))
    const large = b.sub(b.add(difference, b.softplus(b.mul(difference, -2))), Math.LN2)
    return b.mean(b.select(b.less(b.abs(difference), 1), small, large), -1)
  },
})
