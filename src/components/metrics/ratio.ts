import type { Builder } from '../../compiler/builder.ts'
import type { Value } from '../../compiler/ir.ts'

/** The sums of a weighted mean over rows: [sum(values * weights), sum(weights)]. */
export function weightedSums(b: Builder, values: Value, weights: Value): Value {
  return b.stack([b.sum(b.mul(values, weights)), b.sum(weights)], 0)
}

/** The mean of `weightedSums`; 0 of no rows. */
export function ratio(sums: ArrayLike<number>): number {
  const [total, weight] = [sums[0] ?? 0, sums[1] ?? 0]
  return weight === 0 ? 0 : total / weight
}
