// The elements of a tensor in row-major order, and where they lie.

import { sizeOf } from '../ir.ts'
import type { Shape } from '../ir.ts'

export type Elements = Float64Array

export function map(elements: Elements, element: (x: number, i: number) => number): Elements {
  const result = new Float64Array(elements.length)
  for (let i = 0; i < elements.length; i++) result[i] = element(elements[i] ?? NaN, i)
  return result
}

/** The distance of neighbors along each axis. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}

export function dot(a: Shape, b: Shape): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
}

/** For every index [i, j, ...] of a shape, in order: start + i * strides[0] + j * strides[1] + ... */
export function positions(shape: Shape, strides: Shape, start = 0): Int32Array {
  const result = new Int32Array(sizeOf(shape))
  let next = 0
  const walk = (axis: number, position: number): void => {
    const [length, stride] = [shape[axis], strides[axis] ?? 0]
    if (length === undefined) result[next++] = position
    else for (let i = 0; i < length; i++) walk(axis + 1, position + i * stride)
  }
  walk(0, start)
  return result
}

export function take(elements: Elements, at: Int32Array): Elements {
  const result = new Float64Array(at.length)
  for (let i = 0; i < at.length; i++) result[i] = elements[at[i] ?? NaN] ?? NaN
  return result
}
