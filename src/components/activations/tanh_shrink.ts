import type { Value } from '../../ir/ir.ts'
import { defineActivation } from './activation.ts'
import { affine, named, sum } from './tfjs-layers.ts'

/** Size of x below which the series is used: its first missing term is 4e-7 of the sum there. */
const NEAR = 0.25

/** (x - tanh(x)) / x^3 in powers of x^2. */
const TAYLOR = [1 / 3, -2 / 15, 17 / 315, -62 / 2835]

/** Keras symbol: keras.activations.tanh_shrink. */
export const tanhShrink = defineActivation({
  type: 'tanh_shrink',
  summary: 'x - tanh(x)',
  options: () => ({}),
  topology: (keras, _config, x) => sum(keras, x, affine(keras, named(keras, x, 'tanh'), -1)),
  flat: () => ({ off: 0 }),
  apply(b, x) {
    // Near 0, where the two cancel, by the Taylor series of tanh.
    const near = b.clip(x, -NEAR, NEAR)
    const square = b.square(near)
    const series = TAYLOR.reduceRight<Value>((sum, term) => b.add(b.mul(sum, square), term), b.constant(0))
    const small = b.mul(b.mul(near, square), series)
    return b.select(b.less(b.abs(x), NEAR), small, b.sub(x, b.tanh(x)))
  },
})
