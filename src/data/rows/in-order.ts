/** The numbers of rows as they follow each other, from `first` up to `end`. */
export function inOrder(first: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, i) => first + i)
}
