import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'

/** The sums of a weighted mean over rows: [sum(values * weights), sum(weights)]. */
export function weightedSums(b: Builder, values: Value, weights: Value): Value {
  return b.stack([b.sum(b.mul(values, weights)), b.sum(weights)], 0)
}

/** The mean of `weightedSums`; 0 of no rows. */
export function ratio(sums: ArrayLike<number>): number {
  return share(sums[0] ?? 0, sums[1] ?? 0)
}

/** a / b, 0 where b is 0. Keras symbol: keras.ops.divide_no_nan. */
export function share(a: number, b: number): number {
  return b === 0 ? 0 : a / b
}
