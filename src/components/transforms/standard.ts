import * as z from 'zod'

import { channelsIn, knownFor, knownOption, perChannelOption } from './known.ts'
import { missingOptions } from './missing.ts'
import { inverse } from './scaling.ts'
import { defineScaling } from './transform.ts'

export const standardParameters = () => ({
  mean: knownOption('The mean'),
  deviation: knownOption('The standard deviation', z.number().positive()),
  per_channel: perChannelOption(),
})

/** Deviation of the population, as in scikit-learn's StandardScaler: Welford's running moments, Technometrics 4 (1962). */
export const standard = defineScaling({
  type: 'standard',
  summary: 'Mean 0 and standard deviation 1',
  options: () => ({ ...standardParameters(), ...missingOptions() }),
  channels: ({ mean, deviation }) => channelsIn(mean, deviation),
  fit(config, channel = 0) {
    const knownMean = knownFor(config.mean, channel)
    const knownDeviation = knownFor(config.deviation, channel)
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
      scaling: () => ({
        subtract: knownMean ?? mean,
        multiply: inverse(knownDeviation ?? Math.sqrt(squares / count)),
      }),
    }
  },
})
