import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { randomNormal as normal } from '../../random.ts'
import { defineInitializer } from './initializer.ts'
import { mapFloat32 } from '../../float-arrays.ts'

/** Keras symbol: keras.initializers.RandomNormal. */
export const randomNormal = defineInitializer({
  type: 'random_normal',
  aliases: ['normal'],
  summary: 'Normal numbers',
  options: () => ({
    mean: z.number().default(0).describe('Mean'),
    stddev: z.number().min(0).default(0.05).describe('Standard deviation'),
  }),
  initialize: (shape, source, { mean, stddev }) =>
    mapFloat32(normal(source, 0, sizeOf(shape)), (x) => mean + x * stddev),
})
