import type { ArrayColumn } from '../table.ts'

/** An array of encoded rows. */
export type Numbers = Float32Array | Uint8Array | Int32Array | Uint32Array

type ColumnNumbers = Numbers | ArrayColumn['values']

/** A new array of the same type. */
export function likeOf<T extends ColumnNumbers>(values: T, length: number): T
export function likeOf(values: ColumnNumbers, length: number): ColumnNumbers {
  if (values instanceof Uint8Array) return new Uint8Array(length)
  if (values instanceof Int32Array) return new Int32Array(length)
  if (values instanceof Uint32Array) return new Uint32Array(length)
  return values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}

/** The numbers of some rows, `size` of them a row, in an array of the same type. */
export function numbersOfRows<T extends ColumnNumbers>(values: T, rows: Uint32Array, size: number): T {
  const picked = likeOf(values, rows.length * size)
  for (const [i, row] of rows.entries()) picked.set(values.subarray(row * size, (row + 1) * size), i * size)
  return picked
}
