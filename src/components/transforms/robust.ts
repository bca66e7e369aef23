import { doubled } from '../../float-arrays.ts'
import { quantile } from '../../statistics.ts'
import { perChannelOption } from './known.ts'
import { missingOptions } from './missing.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

export const robustParameters = () => ({ per_channel: perChannelOption() })

/** As scikit-learn's RobustScaler. */
export const robust = defineScaling({
  type: 'robust',
  summary: 'Median 0 and interquartile range 1, robust against outliers',
  options: () => ({ ...robustParameters(), ...missingOptions() }),
  fit() {
    let values = new Float64Array(1024)
    let count = 0
    return {
      add(value) {
        if (count === values.length) values = doubled(values)
        values[count++] = value
      },
      scaling() {
        const sorted = values.subarray(0, count).sort()
        const range = quantile(sorted, 0.75) - quantile(sorted, 0.25)
        return { subtract: quantile(sorted, 0.5), multiply: inverse(range) }
      },
    }
  },
})
