import * as z from 'zod'

import { unit } from '../losses/cosine.ts'
import { ShapeError } from '../shape-error.ts'
import { defineRegularizer } from './regularizer.ts'

/** Keras symbol: keras.regularizers.OrthogonalRegularizer. */
export const orthogonalRegularizer = defineRegularizer({
  type: 'orthogonal_regularizer',
  aliases: ['orthogonal'],
  summary: 'factor times the mean absolute cosine between the rows, or the columns, of a matrix',
  options: () => ({
    factor: z.number().min(0).default(0.01).describe('Factor of the penalty'),
    mode: z.enum(['rows', 'columns']).default('rows').describe('Which of them are pushed apart'),
  }),
  checkShape({ mode }, shape) {
    const [rows = 1, columns = 1] = shape
    if (shape.length === 2 && (mode === 'rows' ? rows : columns) > 1) return
    const sizes = shape.map((size) => (size === Infinity ? 'batch' : size)).join(', ')
    throw new ShapeError(`orthogonal_regularizer compares the ${mode} of a matrix, got [${sizes}]`)
  },
  penalty(b, x, { factor, mode }) {
    const rows = mode === 'rows'
    const units = unit(b, x, rows ? 1 : 0)
    const cosines = b.matmul(units, units, rows ? { transposeB: true } : { transposeA: true })
    const count = cosines.shape[0] ?? 1
    const index = b.iota([count, count], 0)
    const others = b.sub(1, b.equal(index, b.transpose(index, [1, 0])))
    return b.mul(b.sum(b.mul(b.abs(cosines), others)), factor / (count * (count - 1)))
  },
})
