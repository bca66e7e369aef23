export type Moments = { min: number; max: number; mean: number; deviation: number }

/** Moments of numbers that are added in pieces; the lengths of the pieces change no bit of them. */
export class RunningMoments {
  #count = 0
  #mean = 0
  #squares = 0
  #min = Infinity
  #max = -Infinity

  /** NaN is a missing number. */
  add(values: ArrayLike<number>): void {
    let [count, mean, squares, min, max] = [this.#count, this.#mean, this.#squares, this.#min, this.#max]
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
    this.#count = count
    this.#mean = mean
    this.#squares = squares
    this.#min = min
    this.#max = max
  }

  /** Undefined if there are no numbers; the deviation is that of the population. */
  get moments(): Moments | undefined {
    if (this.#count === 0) return undefined
    const deviation = Math.sqrt(this.#squares / this.#count)
    return { min: this.#min, max: this.#max, mean: this.#mean, deviation }
  }
}
