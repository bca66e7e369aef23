import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { affine, named, product, sum } from './tfjs-layers.ts'

const SLOPE = Math.sqrt(2 / Math.PI)
const CUBIC = 0.044715

/** Hendrycks and Gimpel (2016). Keras symbol: keras.activations.gelu. */
export const gelu = defineActivation({
  type: 'gelu',
  summary: 'x times the standard normal distribution function of x',
  options: () => ({ approximate: z.boolean().default(false).describe('Use the tanh approximation') }),
  // TensorFlow.js knows the approximation as gelu_new, a name that it saves but cannot load.
  tfjs: ({ approximate }) => (approximate ? undefined : 'gelu'),
  topology(keras, _config, x) {
    const inner = sum(keras, affine(keras, x, SLOPE), affine(keras, product(keras, x, x, x), SLOPE * CUBIC))
    return product(keras, x, affine(keras, named(keras, inner, 'tanh'), 0.5, 0.5))
  },
  flat: () => ({ off: 0 }),
  apply(b, x, { approximate }) {
    if (!approximate) return b.mul(b.mul(x, 0.5), b.add(b.erf(b.mul(x, Math.SQRT1_2)), 1))
    const inner = b.mul(b.add(x, b.mul(b.mul(b.square(x), x), CUBIC)), SLOPE)
    return b.mul(b.mul(x, 0.5), b.add(b.tanh(inner), 1))
  },
})
