import { inverse } from './scaling.ts'
import type { ScalingFit } from './scaling.ts'

/** Mean 0 and deviation 1 (of the population, as in Keras's Normalization): Welford's running moments, Technometrics 4 (1962). */
export function standard(): ScalingFit {
  let count = 0
  let mean = 0
  let squares = 0
  return {
    add(value) {
      count += 1
      const before = value - mean
      mean += before / count
      squares += before * (value - mean)
    },
    scaling: () => ({ subtract: mean, multiply: inverse(Math.sqrt(squares / count)) }),
  }
}
