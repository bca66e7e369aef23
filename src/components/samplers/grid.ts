import { countOf, valueAt } from './dimension.ts'
import { defineSampler } from './sampler.ts'

export const grid = defineSampler({
  type: 'grid',
  summary: 'Every combination of the values; those of the last parameter change first',
  options: () => ({}),
  learns: false,
  refusal(space) {
    const dimension = space.findIndex((one) => !Number.isFinite(countOf(one)))
    return dimension === -1 ? undefined : { dimension, message: 'a grid needs a list of values' }
  },
  size: (space) => space.reduce((product, dimension) => product * countOf(dimension), 1),
  point(_config, { space, trial }) {
    let left = trial
    return space
      .toReversed()
      .map((dimension) => {
        const count = countOf(dimension)
        const index = left % count
        left = Math.floor(left / count)
        return valueAt(dimension, index)
      })
      .toReversed()
  },
})
