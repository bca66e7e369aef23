import { inverse } from './scaling.ts'
import type { ScalingFit } from './scaling.ts'

/** The smallest value becomes 0 and the largest 1. */
export function minMax(): ScalingFit {
  let smallest = Infinity
  let largest = -Infinity
  return {
    add(value) {
      if (value < smallest) smallest = value
      if (value > largest) largest = value
    },
    scaling: () => ({ subtract: smallest, multiply: inverse(largest - smallest) }),
  }
}
