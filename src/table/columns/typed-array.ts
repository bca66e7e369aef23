import type { ArrayColumn } from '../table.ts'

/** An array of encoded rows. */
export type Numbers = Float32Array | Uint8Array | Int32Array | Uint32Array

/** A new array of the same type. */
export function likeOf(values: Numbers, length: number): Numbers
export function likeOf(values: ArrayColumn['values'], length: number): ArrayColumn['values']
export function likeOf(
  values: Numbers | ArrayColumn['values'],
  length: number,
): Numbers | ArrayColumn['values'] {
  if (values instanceof Uint8Array) return new Uint8Array(length)
  if (values instanceof Int32Array) return new Int32Array(length)
  if (values instanceof Uint32Array) return new Uint32Array(length)
  return values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}
