import * as z from 'zod'

import { ShapeError } from '../shape-error.ts'
import { defineInitializer } from './initializer.ts'

/** Keras symbol: keras.initializers.Identity. */
export const identity = defineInitializer({
  type: 'identity',
  summary: 'A matrix with one number on its diagonal and zeros elsewhere',
  options: () => ({ gain: z.number().default(1).describe('The number on the diagonal') }),
  requireShape(shape, of) {
    if (shape.length !== 2)
      throw new ShapeError(`identity makes matrices, but the ${of} has the shape [${shape.join(', ')}]`)
  },
  initialize([rows = 0, columns = 0], _source, { gain }) {
    const matrix = new Float32Array(rows * columns)
    for (let i = 0; i < Math.min(rows, columns); i++) matrix[i * columns + i] = gain
    return matrix
  },
})
