/** Twice as much room, with the same numbers at its start. */
export function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length)
  larger.set(values)
  return larger
}
