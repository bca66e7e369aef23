import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { randomTruncatedNormal } from '../../random.ts'
import { defineInitializer } from './initializer.ts'
import { mapFloat32 } from '../../float-arrays.ts'

/** Keras symbol: keras.initializers.TruncatedNormal. */
export const truncatedNormal = defineInitializer({
  type: 'truncated_normal',
  summary: 'Normal numbers, without those beyond two standard deviations',
  options: () => ({
    mean: z.number().default(0).describe('Mean'),
    stddev: z.number().min(0).default(0.05).describe('Standard deviation before the cut'),
  }),
  initialize: (shape, source, { mean, stddev }) =>
    mapFloat32(randomTruncatedNormal(source, 0, sizeOf(shape)), (x) => mean + x * stddev),
})
