import { randomUniform, stream } from '../../random.ts'
import { quantile } from './dimension.ts'
import type { SearchPoint } from './dimension.ts'
import { defineSampler } from './sampler.ts'
import type { Search } from './sampler.ts'

export const random = defineSampler({
  type: 'random',
  summary: 'Independent random values',
  options: () => ({}),
  learns: false,
  point: (_config, search) => randomPoint(search),
})

/** Independent values by the distributions of the parameters. */
export function randomPoint({ space, seed, trial }: Omit<Search, 'earlier'>): SearchPoint {
  return space.map((dimension, i) => {
    const [share = 0] = randomUniform(stream(seed, `sweep/${i}`), trial, 1)
    return quantile(dimension, share)
  })
}
