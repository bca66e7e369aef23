import type { Dimension, SearchPoint } from './dimension.ts'
import { indexAt, densitiesOf } from './density.ts'
import type { Density } from './density.ts'

/** The latest trials, which weigh as much as each other; older ones weigh less. */
const EQUAL_WEIGHTS = 25

/** A weighted sum of products of densities, one product around each point and one over the whole space. */
export type Mixture = {
  /** A point from random shares: one for the choice of the product, then one for each dimension. */
  readonly sample: (shares: readonly number[]) => SearchPoint
  readonly logDensity: (point: SearchPoint) => number
}

/** The mixture around points, in the order of their trials. */
export function mixture(space: readonly Dimension[], points: readonly SearchPoint[]): Mixture {
  const densities = space.map((dimension, d) =>
    densitiesOf(
      dimension,
      points.map((point) => point[d] ?? 0),
    ),
  )
  const weights = weightsOf(points.length)
  const product = (index: number): Density[] => densities.flatMap((own) => own[index] ?? [])
  return {
    sample([choice = 0, ...shares]) {
      return product(indexAt(weights, choice)).map((density, d) =>
        Math.fround(density.sample(shares[d] ?? 0)),
      )
    },
    logDensity(point) {
      const logs = weights.map((weight, index) =>
        product(index).reduce((sum, density, d) => sum + density.logDensity(point[d] ?? 0), Math.log(weight)),
      )
      const most = Math.max(...logs)
      return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0))
    },
  }
}

/** The weights of points, the latest last, and of the whole space; they sum to 1. */
function weightsOf(count: number): number[] {
  const ramp = count - EQUAL_WEIGHTS
  const weights = Array.from({ length: count }, (_, i) =>
    i >= ramp ? 1 : 1 / count + (i / Math.max(1, ramp - 1)) * (1 - 1 / count),
  )
  const all = [...weights, 1]
  const total = all.reduce((sum, weight) => sum + weight, 0)
  return all.map((weight) => weight / total)
}
