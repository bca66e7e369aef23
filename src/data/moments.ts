export type Moments = { min: number; max: number; mean: number; deviation: number }

/** Of the numbers that are there; the deviation is that of the population. Undefined where there are none. */
export function momentsOf(values: ArrayLike<number>): Moments | undefined {
  let [count, mean, squares, min, max] = [0, 0, 0, Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN
    if (Number.isNaN(value)) continue
    count += 1
    const before = value - mean
    mean += before / count
    squares += before * (value - mean)
    if (value < min) min = value
    if (value > max) max = value
  }
  return count === 0 ? undefined : { min, max, mean, deviation: Math.sqrt(squares / count) }
}
