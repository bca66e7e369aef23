import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { affine, named } from './tfjs-layers.ts'

/** Barron (2017). Keras symbol: keras.activations.celu. The slope at 0 is 1, where Keras on TensorFlow takes 2. */
export const celu = defineActivation({
  type: 'celu',
  summary: 'x where positive, else alpha * (exp(x / alpha) - 1): elu with a smooth slope',
  options: () => ({ alpha: z.number().positive().default(1).describe('Limit below zero, negated') }),
  tfjs: ({ alpha }) => (alpha === 1 ? 'elu' : undefined),
  topology: (keras, { alpha }, x) => affine(keras, named(keras, affine(keras, x, 1 / alpha), 'elu'), alpha),
  flat: ({ alpha }) => ({ saturated: [-alpha] }),
  apply: (b, x, { alpha }) => b.add(b.relu(x), b.mul(b.expm1(b.div(b.min(x, 0), alpha)), alpha)),
})
