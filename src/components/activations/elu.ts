import * as z from 'zod'

import { defineActivation } from './activation.ts'
import { affine, named, ramp, sum } from './tfjs-layers.ts'

/** Clevert et al. (2016). Keras symbol: keras.activations.elu. */
export const elu = defineActivation({
  type: 'elu',
  kerasLayer: 'ELU',
  summary: 'x where positive, else alpha * (exp(x) - 1)',
  options: () => ({ alpha: z.number().default(1).describe('Limit below zero, negated') }),
  tfjs: ({ alpha }) => (alpha === 1 ? 'elu' : undefined),
  // TensorFlow.js has alpha 1 only: its negative part, negated, is scaled apart.
  topology: (keras, { alpha }, x) =>
    sum(keras, affine(keras, ramp(keras, affine(keras, named(keras, x, 'elu'), -1)), -alpha), ramp(keras, x)),
  flat: ({ alpha }) => ({ saturated: [-alpha] }),
  apply: (b, x, { alpha }) => b.add(b.relu(x), b.mul(b.expm1(b.min(x, 0)), alpha)),
})
