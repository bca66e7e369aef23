import { randomBits, stream } from '../../random.ts'
import { quantile } from './dimension.ts'
import { defineSampler } from './sampler.ts'
import { DIRECTIONS } from './sobol-directions.ts'

const BITS = 32

export const sobol = defineSampler({
  type: 'sobol',
  summary: 'A Sobol sequence with a random shift: covers the space more evenly than random values',
  options: () => ({}),
  learns: false,
  refusal(space) {
    const most = DIRECTIONS.length + 1
    if (space.length <= most) return undefined
    return { message: `a Sobol sequence is known for up to ${most} parameters, not for ${space.length}` }
  },
  point(_config, { space, seed, trial }) {
    return space.map((dimension, i) => {
      const [shift = 0] = randomBits(stream(seed, `sweep/${i}`), 0, 1)
      return quantile(dimension, ((sobolWord(i, trial) ^ shift) >>> 0) * 2 ** -BITS)
    })
  },
})

/** A number of the sequence of a dimension, both from 0, as a fraction of 2^32: Bratley and Fox, algorithm 659 (1988). */
export function sobolWord(dimension: number, index: number): number {
  const directions = directionsFor(dimension)
  const gray = index ^ (index >>> 1)
  let word = 0
  for (let bit = 0; gray >>> bit !== 0; bit++) {
    if (((gray >>> bit) & 1) === 1) word ^= directions[bit] ?? 0
  }
  return word >>> 0
}

/** Direction numbers of a dimension, each shifted to the top of 32 bits. */
function directionsFor(dimension: number): number[] {
  const polynomial = DIRECTIONS[dimension - 1]
  const all: number[] = []
  for (let bit = 0; bit < BITS; bit++) {
    if (polynomial === undefined) all.push(2 ** (BITS - 1 - bit))
    else all.push(nextDirection(all, polynomial))
  }
  return all
}

function nextDirection(before: readonly number[], [coefficients, ...initial]: readonly number[]): number {
  const bit = before.length
  const degree = initial.length
  const first = initial[bit]
  if (first !== undefined) return (first << (BITS - 1 - bit)) >>> 0
  const at = (back: number): number => before[bit - back] ?? 0
  let word = at(degree) ^ (at(degree) >>> degree)
  for (let k = 1; k < degree; k++) {
    if ((((coefficients ?? 0) >>> (degree - 1 - k)) & 1) === 1) word ^= at(k)
  }
  return word >>> 0
}
