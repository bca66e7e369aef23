import { defineLoss } from './loss.ts'

/** Keras symbol: keras.losses.LogCosh. */
export const logCosh = defineLoss({
  type: 'log_cosh',
  aliases: ['log_cosh_error'],
  summary: 'log(cosh(difference)): like half the square of small differences, linear in large ones',
  target: 'values',
  kind: 'numbers',
  options: () => ({}),
  call(b, { target, prediction }) {
    const difference = b.sub(prediction, target)
    return b.mean(b.sub(b.add(difference, b.softplus(b.mul(difference, -2))), Math.LN2), -1)
  },
})
