import { inOrder } from '../rows/in-order.ts'
import type { RowClasses } from './splits.ts'

/** Rows that stay together. */
export type RowGroup = readonly number[]

/** The groups of one split. */
type GroupedSplit = {
  readonly share: number
  readonly groups: RowGroup[]
  /** Rows of each class. */
  readonly counts: Uint32Array
  rows: number
}

/** Rows of a group by class. */
type GroupCounts = ReadonlyMap<number, number>

/**
 * Divides whole groups among splits so that each has its share of every class as nearly as they allow. Group after group goes
 * to the split where it leaves the classes most evenly spread: the heavy ones first, the light ones even them out.
 */
export function stratifiedGroups(
  groups: readonly RowGroup[],
  shares: readonly number[],
  { indices, names }: RowClasses,
): RowGroup[][] {
  const classOf = (row: number): number => indices[row] ?? 0
  const totals = new Uint32Array(names.length)
  for (const group of groups) for (const row of group) add(totals, classOf(row), 1)
  const splits = shares.map((share): GroupedSplit => ({
    share,
    groups: [],
    counts: new Uint32Array(names.length),
    rows: 0,
  }))
  const weightOf = (group: RowGroup): number =>
    group.reduce((sum, row) => sum + 1 / (totals[classOf(row)] ?? 1), 0)
  for (const group of heaviestFirst(groups, weightOf)) {
    const counts = countsOf(group, classOf)
    const split = mostEven(splits, counts, totals)
    split.groups.push(group)
    split.rows += group.length
    for (const [index, count] of counts) add(split.counts, index, count)
  }
  return splits.map(({ groups }) => groups)
}

/** Groups by descending weight; those of about the same weight stay in the order in which they were drawn. */
function heaviestFirst(groups: readonly RowGroup[], weightOf: (group: RowGroup) => number): RowGroup[] {
  const weights = Float32Array.from(groups, weightOf)
  // The exponent and two bits of the mantissa, so that a step is a seventh to a quarter: the splits are as even as by
  // the exact weight, and the seed also decides where groups of different sizes go.
  const steps = new Uint32Array(weights.buffer).map((bits) => bits >>> 21)
  const order = inOrder(0, groups.length).sort((a, b) => (steps[b] ?? 0) - (steps[a] ?? 0) || a - b)
  return Array.from(order, (index) => groups[index] ?? [])
}

function countsOf(group: RowGroup, classOf: (row: number) => number): GroupCounts {
  const counts = new Map<number, number>()
  for (const row of group) counts.set(classOf(row), (counts.get(classOf(row)) ?? 0) + 1)
  return counts
}

/** The split where a group leaves the classes most evenly spread; among equals, the one with the fewest rows for its share. */
function mostEven(splits: readonly GroupedSplit[], group: GroupCounts, totals: Uint32Array): GroupedSplit {
  const choices = splits.map((split) => ({
    split,
    unevenness: addedUnevenness(split, group, totals),
    rows: split.rows / split.share,
  }))
  const { split } = choices.reduce((best, other) =>
    other.unevenness < best.unevenness || (other.unevenness === best.unevenness && other.rows < best.rows)
      ? other
      : best,
  )
  return split
}

/**
 * The increase of the sum of (fraction of the class)² / share over all splits and classes by a group in this split. The
 * sum is least where each split has its share of every class, and for equal shares it is, but for a constant, the
 * variance whose root scikit-learn's StratifiedGroupKFold averages over the classes.
 */
function addedUnevenness({ share, counts }: GroupedSplit, group: GroupCounts, totals: Uint32Array): number {
  let sum = 0
  for (const [index, count] of group)
    sum += (count * (2 * (counts[index] ?? 0) + count)) / (totals[index] ?? 1) ** 2
  return sum / share
}

function add(counts: Uint32Array, index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count
}
