import { channelsIn, knownFor, knownOption, perChannelOption } from './known.ts'
import { missingOptions } from './missing.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

export const minMaxParameters = () => ({
  min: knownOption('The number that becomes 0'),
  max: knownOption('The number that becomes 1'),
  per_channel: perChannelOption(),
})

/** As scikit-learn's MinMaxScaler. */
export const minMax = defineScaling({
  type: 'min_max',
  summary: 'The smallest value becomes 0 and the largest 1',
  options: () => ({ ...minMaxParameters(), ...missingOptions() }),
  channels: ({ min, max }) => channelsIn(min, max),
  fit({ min, max }, channel = 0) {
    const [first, last] = [knownFor(min, channel), knownFor(max, channel)]
    let smallest = Infinity
    let largest = -Infinity
    return {
      add(value) {
        if (value < smallest) smallest = value
        if (value > largest) largest = value
      },
      scaling() {
        const start = first ?? smallest
        return { subtract: start, multiply: inverse((last ?? largest) - start) }
      },
    }
  },
})
