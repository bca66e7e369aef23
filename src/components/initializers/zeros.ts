import { sizeOf } from '../../ir/ir.ts'
import { defineInitializer } from './initializer.ts'

/** Keras symbol: keras.initializers.Zeros. */
export const zeros = defineInitializer({
  type: 'zeros',
  summary: 'All 0',
  options: () => ({}),
  initialize: (shape) => new Float32Array(sizeOf(shape)),
})
