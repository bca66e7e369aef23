import { missingOptions } from './missing.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

/** As scikit-learn's MinMaxScaler. */
export const minMax = defineScaling({
  type: 'min_max',
  summary: 'The smallest value becomes 0 and the largest 1',
  options: missingOptions,
  fit() {
    let smallest = Infinity
    let largest = -Infinity
    return {
      add(value) {
        if (value < smallest) smallest = value
        if (value > largest) largest = value
      },
      scaling: () => ({ subtract: smallest, multiply: inverse(largest - smallest) }),
    }
  },
})
