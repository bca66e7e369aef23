import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import { randomNormal } from '../../random.ts'
import { ShapeError } from '../shape-error.ts'
import { defineInitializer } from './initializer.ts'
import { mapFloat32 } from '../../float-arrays.ts'

/** Saxe et al. (2014). Keras symbol: keras.initializers.Orthogonal. */
export const orthogonal = defineInitializer({
  type: 'orthogonal',
  summary: 'A random matrix with orthogonal columns, or rows if there are fewer of them, all of one length',
  options: () => ({ gain: z.number().default(1).describe('The length') }),
  requireShape(shape, of) {
    if (shape.length < 2)
      throw new ShapeError(
        `orthogonal needs two axes or more, but the ${of} has the shape [${shape.join(', ')}]`,
      )
  },
  initialize(shape, source, { gain }) {
    const columns = shape.at(-1) ?? 1
    const rows = sizeOf(shape) / columns
    const [length, count] = [Math.max(rows, columns), Math.min(rows, columns)]
    const vectors = randomNormal(source, 0, length * count)
    orthonormalize(vectors, length, count)
    return rows < columns
      ? mapFloat32(vectors, (x) => gain * x)
      : mapFloat32(vectors, (_, i) => gain * (vectors[(i % columns) * rows + Math.floor(i / columns)] ?? NaN))
  },
})

/**
 * Makes `count` vectors, one after the other in an array, orthogonal to each other and of length 1: the matrix Q of the
 * QR decomposition whose R has a positive diagonal, so that Q is distributed uniformly. Gram-Schmidt in float64, four
 * projections at a time because a vector's elements are then read a fourth as often.
 */
export function orthonormalize(vectors: Float64Array, length: number, count: number): void {
  for (let v = 0; v < count * length; v += length) {
    let q = 0
    for (; q + 4 * length <= v; q += 4 * length) removeFour(vectors, length, v, q)
    for (; q < v; q += length) remove(vectors, length, v, q)
    let square = 0
    for (let i = 0; i < length; i++) square += (vectors[v + i] ?? 0) ** 2
    const scale = 1 / Math.sqrt(square)
    for (let i = 0; i < length; i++) vectors[v + i] = (vectors[v + i] ?? 0) * scale
  }
}

/** Subtracts from the vector at v its part along the unit vector at q. */
function remove(vectors: Float64Array, length: number, v: number, q: number): void {
  let dot = 0
  for (let i = 0; i < length; i++) dot += (vectors[v + i] ?? 0) * (vectors[q + i] ?? 0)
  for (let i = 0; i < length; i++) vectors[v + i] = (vectors[v + i] ?? 0) - dot * (vectors[q + i] ?? 0)
}

/** The same for four unit vectors, from q on, that are orthogonal to each other. */
function removeFour(vectors: Float64Array, length: number, v: number, q: number): void {
  const [q1, q2, q3] = [q + length, q + 2 * length, q + 3 * length]
  let [dot, dot1, dot2, dot3] = [0, 0, 0, 0]
  for (let i = 0; i < length; i++) {
    const x = vectors[v + i] ?? 0
    dot += x * (vectors[q + i] ?? 0)
    dot1 += x * (vectors[q1 + i] ?? 0)
    dot2 += x * (vectors[q2 + i] ?? 0)
    dot3 += x * (vectors[q3 + i] ?? 0)
  }
  for (let i = 0; i < length; i++) {
    const part = dot * (vectors[q + i] ?? 0) + dot1 * (vectors[q1 + i] ?? 0)
    const rest = dot2 * (vectors[q2 + i] ?? 0) + dot3 * (vectors[q3 + i] ?? 0)
    vectors[v + i] = (vectors[v + i] ?? 0) - (part + rest)
  }
}
