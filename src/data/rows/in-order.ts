/** Consecutive row numbers from `first` up to, but not including, `end`. */
export function inOrder(first: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, i) => first + i)
}
