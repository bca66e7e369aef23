import { missingOptions } from './missing.ts'
import { quantile } from './quantile.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

/** As scikit-learn's RobustScaler. */
export const robust = defineScaling({
  type: 'robust',
  summary: 'Median 0 and interquartile range 1, which single values far off hardly move',
  options: missingOptions,
  fit() {
    const values: number[] = []
    return {
      add: (value) => void values.push(value),
      scaling() {
        const sorted = Float64Array.from(values).sort()
        const range = quantile(sorted, 0.75) - quantile(sorted, 0.25)
        return { subtract: quantile(sorted, 0.5), multiply: inverse(range) }
      },
    }
  },
})
