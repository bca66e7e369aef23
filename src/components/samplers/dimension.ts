import { normalQuantile } from '../../random.ts'

/** A searched parameter as samplers see it: one of some choices, or a number on a scale. */
export type Dimension = ChoiceDimension | NumberDimension

export type ChoiceDimension = { readonly kind: 'choice'; readonly count: number }

export type NumberDimension = {
  readonly kind: 'number'
  readonly low: number
  readonly high: number
  /** The numbers are `low` and others at this distance; default: all numbers. */
  readonly step?: number | undefined
  /** The numbers are normally distributed; `low` and `high` then bound nearly all of them. */
  readonly normal?: { readonly mean: number; readonly deviation: number } | undefined
}

/** A place in the space of the parameters: the index of a choice or a number, for each dimension. */
export type SearchPoint = readonly number[]

/** Number of values of a dimension; infinite for all numbers of a range. */
export function countOf(dimension: Dimension): number {
  if (dimension.kind === 'choice') return dimension.count
  const { low, high, step } = dimension
  // A range that divides into whole steps but for rounding ends with its last one.
  return step === undefined ? Infinity : Math.floor((high - low) / step + 1e-9) + 1
}

/** The value with this index among those of a dimension that has a count. */
export function valueAt(dimension: Dimension, index: number): number {
  if (dimension.kind === 'choice') return index
  const { low, step = 0 } = dimension
  return low + index * step
}

/** The value below which this share of the values lies, for a share from 0 to less than 1. */
export function quantile(dimension: Dimension, share: number): number {
  const count = countOf(dimension)
  if (Number.isFinite(count)) return valueAt(dimension, Math.min(count - 1, Math.floor(share * count)))
  if (dimension.kind === 'choice') return 0
  const { low, high, normal } = dimension
  if (normal === undefined) return low + share * (high - low)
  return normal.mean + normal.deviation * normalQuantile(Math.max(share, 2 ** -32))
}
