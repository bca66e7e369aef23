import { normalQuantile } from '../../random.ts'
import { countOf, valueAt } from './dimension.ts'
import type { ChoiceDimension, Dimension, NumberDimension } from './dimension.ts'

/** A probability distribution of the values of one dimension. */
export type Density = {
  /** The value at a random share, between 0 and 1. */
  readonly sample: (share: number) => number
  readonly logDensity: (value: number) => number
}

/** Densities of one dimension, one around each of the values and the last over all of them. */
export function densitiesOf(dimension: Dimension, values: readonly number[]): Density[] {
  return dimension.kind === 'choice' ? choiceDensities(dimension, values) : normalDensities(dimension, values)
}

/** Every choice has the weight of one value in all densities together, the observed one that of a value more. */
function choiceDensities({ count }: ChoiceDimension, values: readonly number[]): Density[] {
  const share = 1 / (values.length + 1)
  const total = 1 + count * share
  const around = values.map((value): Density => {
    const weights = Array.from({ length: count }, (_, i) => (share + Number(i === value)) / total)
    return choiceDensity(weights)
  })
  return [...around, choiceDensity(Array.from({ length: count }, () => 1 / count))]
}

function choiceDensity(weights: readonly number[]): Density {
  return {
    sample: (share) => indexAt(weights, share),
    logDensity: (value) => Math.log(weights[value] ?? 0),
  }
}

/** The index whose weight reaches over a share of all; the weights sum to 1. */
export function indexAt(weights: readonly number[], share: number): number {
  let sum = 0
  const index = weights.findIndex((weight) => (sum += weight) > share)
  return index === -1 ? weights.length - 1 : index
}

/**
 * Normal distributions cut to the range; each is as wide as the distance to its farther neighbor. Bergstra et al.,
 * "Algorithms for hyper-parameter optimization" (2011), with the limits of Optuna's estimator.
 */
function normalDensities(dimension: NumberDimension, values: readonly number[]): Density[] {
  const half = (dimension.step ?? 0) / 2
  const [low, high] = [dimension.low - half, dimension.high + half]
  const range = high - low
  const narrowest = range / Math.min(100, values.length + 2)
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const sorted = [low, ...order.map((i) => values[i] ?? 0), high]
  const deviations: number[] = []
  for (const [place, i] of order.entries()) {
    const [before = 0, value = 0, after = 0] = sorted.slice(place, place + 3)
    // The ends of the range are no neighbors, except of a value that is alone.
    const gaps = [
      ...(place > 0 || values.length === 1 ? [value - before] : []),
      ...(place < values.length - 1 || values.length === 1 ? [after - value] : []),
    ]
    deviations[i] = Math.min(range, Math.max(narrowest, ...gaps))
  }
  const around = values.map((value, i) => normalDensity(dimension, value, deviations[i] ?? range))
  const prior = dimension.normal ?? { mean: (low + high) / 2, deviation: range }
  return [...around, normalDensity(dimension, prior.mean, prior.deviation)]
}

function normalDensity(dimension: NumberDimension, mean: number, deviation: number): Density {
  const { low, high, step } = dimension
  const half = (step ?? 0) / 2
  const share = (value: number): number => normalShare((value - mean) / deviation)
  const [below, upTo] = [share(low - half), share(high + half)]
  const inside = upTo - below
  return {
    sample(part) {
      const at = Math.min(1 - 1e-12, Math.max(1e-12, below + part * inside))
      const value = Math.min(high, Math.max(low, mean + deviation * normalQuantile(at)))
      if (step === undefined) return value
      return valueAt(dimension, Math.min(countOf(dimension) - 1, Math.round((value - low) / step)))
    },
    logDensity(value) {
      if (step !== undefined)
        return Math.log(Math.max(1e-300, (share(value + half) - share(value - half)) / inside))
      const z = (value - mean) / deviation
      return -0.5 * z * z - Math.log(deviation * Math.sqrt(2 * Math.PI) * inside)
    },
  }
}

/** Share of a standard normal distribution below a value, to about 1e-7: Press et al., Numerical Recipes, erfcc. */
function normalShare(value: number): number {
  const z = Math.abs(value) / Math.SQRT2
  const t = 1 / (1 + z / 2)
  const series = ERFC.reduceRight((sum, coefficient) => sum * t + coefficient, 0)
  const tail = (t * Math.exp(-z * z + series)) / 2
  return value < 0 ? tail : 1 - tail
}

/** Chebyshev coefficients of the complementary error function, lowest power first. */
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
]
