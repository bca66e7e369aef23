// The shapes of results.

import { broadcastShapes } from './ir.ts'
import type { PoolGeometry, Shape } from './ir.ts'

/** An axis that may be counted from the end, counted from the start. */
export function fromEnd(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis
}

/** Rows and columns of the last two axes, after a transpose. */
export function matrixShape(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2) ?? 0, shape.at(-1) ?? 0]
  return transposed ? [columns, rows] : [rows, columns]
}

/** The shape of a pool of x: how many windows fit along each spatial axis. */
export function slide(x: Shape, geometry: PoolGeometry & { readonly dilation?: Shape }): Shape {
  const { size, strides, padding, dilation } = geometry
  return x.map((length, axis) => {
    const i = axis - 1
    const [before, after] = padding[i] ?? [0, 0]
    const reach = ((size[i] ?? 1) - 1) * (dilation?.[i] ?? 1) + 1
    return Math.floor((length + before + after - reach) / (strides[i] ?? 1)) + 1
  })
}

/** The shape that both broadcast to. */
export function fit(name: string, a: Shape, b: Shape): Shape {
  const shape = broadcastShapes(a, b)
  if (shape === undefined) throw mismatch(name, a, b)
  return shape
}

export function mismatch(name: string, a: Shape, b: Shape): Error {
  return new Error(`${name}: shapes [${a.join(', ')}] and [${b.join(', ')}] do not fit`)
}

/** The permutation that undoes one. */
export function inverse(permutation: Shape): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis))
}
