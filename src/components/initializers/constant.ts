import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { defineInitializer } from './initializer.ts'

/** Keras symbol: keras.initializers.Constant. */
export const constant = defineInitializer({
  type: 'constant',
  summary: 'All the same number',
  options: () => ({ value: z.number().default(0).describe('The number') }),
  initialize: (shape, _source, { value }) => new Float32Array(sizeOf(shape)).fill(value),
})
