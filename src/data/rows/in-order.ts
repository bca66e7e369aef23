/** Consecutive row numbers from `first` up to, but not including, `end`. */
export function inOrder(first: number, end: number): Uint32Array {
  const order = new Uint32Array(end - first)
  for (let i = 0; i < order.length; i++) order[i] = first + i
  return order
}
