import { sizeOf } from '../../ir/ir.ts'
import { defineInitializer } from './initializer.ts'

/** Keras symbol: keras.initializers.Ones. */
export const ones = defineInitializer({
  type: 'ones',
  summary: 'All 1',
  options: () => ({}),
  initialize: (shape) => new Float32Array(sizeOf(shape)).fill(1),
})
