import { missingOptions } from './missing.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

/** Deviation of the population, as in scikit-learn's StandardScaler: Welford's running moments, Technometrics 4 (1962). */
export const standard = defineScaling({
  type: 'standard',
  summary: 'Mean 0 and standard deviation 1',
  options: missingOptions,
  fit() {
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
  },
})
