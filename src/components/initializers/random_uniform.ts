import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { randomUniform as uniform } from '../../random.ts'
import { defineInitializer } from './initializer.ts'

/** Keras symbol: keras.initializers.RandomUniform. */
export const randomUniform = defineInitializer({
  type: 'random_uniform',
  aliases: ['uniform'],
  summary: 'Uniform numbers between two bounds',
  options: () => ({
    minval: z.number().default(-0.05).describe('Lower bound'),
    maxval: z.number().default(0.05).describe('Upper bound'),
  }),
  initialize: (shape, source, { minval, maxval }) =>
    uniform(source, 0, sizeOf(shape)).map((x) => minval + x * (maxval - minval)),
})
