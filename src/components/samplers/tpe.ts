import * as z from 'zod'

import { randomUniform, stream } from '../../random.ts'
import type { SearchPoint } from './dimension.ts'
import { mixture } from './mixture.ts'
import { randomPoint } from './random.ts'
import { defineSampler } from './sampler.ts'
import type { Observation } from './sampler.ts'

/** Most trials that count as good, and the share of all that do. */
const [MOST_GOOD, GOOD_SHARE] = [25, 0.1]

/**
 * Tree-structured Parzen estimator: Bergstra et al. (2011), with one mixture over all parameters (Falkner et al., BOHB,
 * 2018) and the constants of Optuna's TPESampler.
 */
export const tpe = defineSampler({
  type: 'tpe',
  summary: 'Tree-structured Parzen estimator: values like those of good trials and unlike those of others',
  options: () => ({
    startup_trials: z.int().min(1).default(10).describe('Random trials before the first that is estimated'),
    candidates: z
      .int()
      .min(1)
      .default(24)
      .describe('Random candidates, of which the most promising is tried'),
  }),
  learns: true,
  point({ startup_trials, candidates }, search) {
    const { space, seed, trial, earlier } = search
    if (earlier.length < startup_trials) return randomPoint(search)
    const [good, others] = divided(earlier)
    const wanted = mixture(space, good)
    const unwanted = mixture(space, others)
    const width = space.length + 1
    const shares = randomUniform(stream(seed, 'sweep/tpe'), trial, candidates * width)
    const points = Array.from({ length: candidates }, (_, i) =>
      wanted.sample(Array.from(shares.subarray(i * width, (i + 1) * width), (share) => share + 2 ** -25)),
    )
    const promise = points.map((point) => wanted.logDensity(point) - unwanted.logDensity(point))
    return points[promise.indexOf(Math.max(...promise))] ?? randomPoint(search)
  },
})

/** The points of good trials and those of others, each in the order of the trials. */
function divided(trials: readonly Observation[]): [SearchPoint[], SearchPoint[]] {
  const count = Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * trials.length))
  const ranked = trials.toSorted((a, b) => b.rung - a.rung || compare(a.loss, b.loss))
  const good = new Set(ranked.slice(0, count))
  const pointsOf = (wanted: boolean): SearchPoint[] =>
    trials.filter((trial) => good.has(trial) === wanted).map(({ point }) => point)
  return [pointsOf(true), pointsOf(false)]
}

/** Order of two losses; the difference of two infinite ones is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
