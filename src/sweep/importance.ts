import type { Dimension, SearchPoint } from '../components/samplers/dimension.ts'
import { squaredDistances, sum } from '../statistics.ts'

/** Groups into which the values of a range are divided. */
const GROUPS = 4

/** A point and its loss. */
export type ScoredPoint = { readonly point: SearchPoint; readonly loss: number }

/**
 * Share of the variance of the losses that each parameter explains by itself, without what chance alone would explain:
 * epsilon squared of a one-way analysis of variance over its values, or over quarters of a range (Kelley, 1935). Null where
 * losses do not tell: of one value, or of values that no two trials share.
 */
export function importances(space: readonly Dimension[], scored: readonly ScoredPoint[]): (number | null)[] {
  return space.map((dimension, d) => {
    const values = scored.map(({ point }) => point[d] ?? 0)
    const groups = dimension.kind === 'choice' ? values : quarters(values)
    return explained(
      groups,
      scored.map(({ loss }) => loss),
    )
  })
}

/** The quarter of each value among all by their order; equal values are in one. */
function quarters(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b)
  return values.map((value) => Math.floor((sorted.indexOf(value) * GROUPS) / sorted.length))
}

function explained(groups: readonly number[], losses: readonly number[]): number | null {
  const kinds = new Set(groups)
  const [count, k] = [losses.length, kinds.size]
  if (k < 2 || count <= k) return null
  const total = squaredDistances(losses)
  if (total === 0) return 0
  const within = sum(
    Array.from(kinds, (kind) => squaredDistances(losses.filter((_, i) => groups[i] === kind))),
  )
  const chance = ((k - 1) * within) / (count - k)
  return Math.max(0, (total - within - chance) / total)
}
