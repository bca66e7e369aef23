// The `from` of typed arrays with a function collects into a plain array first, and V8 aborts past some 1e8 elements.

/** A float32 array of what a function makes of each number. */
export function mapFloat32(
  values: ArrayLike<number>,
  change: (value: number, index: number) => number,
): Float32Array<ArrayBuffer> {
  const changed = new Float32Array(values.length)
  for (let i = 0; i < changed.length; i++) changed[i] = change(values[i] ?? NaN, i)
  return changed
}

/** A float64 array of what a function makes of each number. */
export function mapFloat64(
  values: ArrayLike<number>,
  change: (value: number, index: number) => number,
): Float64Array<ArrayBuffer> {
  const changed = new Float64Array(values.length)
  for (let i = 0; i < changed.length; i++) changed[i] = change(values[i] ?? NaN, i)
  return changed
}

/** Twice as much room, with the same numbers at its start. */
export function doubled(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length)
  larger.set(values)
  return larger
}
