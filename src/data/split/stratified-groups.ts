import { inOrder } from '../rows/in-order.ts'
import type { RowClasses } from './split.ts'

/** The rows that stay together. */
export type Group = readonly number[]

type Part = {
  readonly share: number
  readonly groups: Group[]
  /** How many rows of each class it has. */
  readonly counts: Uint32Array
  rows: number
}

/** How many rows of its classes a group has. */
type GroupCounts = ReadonlyMap<number, number>

/**
 * Divides whole groups into parts so that each has its share of every class as nearly as they allow. Group after group
 * goes to the part where it leaves the classes most evenly spread: the heavy ones first, for the light ones to make up.
 */
export function stratifiedGroups(
  groups: readonly Group[],
  shares: readonly number[],
  { indices, names }: RowClasses,
): Group[][] {
  const classOf = (row: number): number => indices[row] ?? 0
  const totals = new Uint32Array(names.length)
  for (const group of groups) for (const row of group) add(totals, classOf(row), 1)
  const parts = shares.map((share): Part => ({
    share,
    groups: [],
    counts: new Uint32Array(names.length),
    rows: 0,
  }))
  const weightOf = (group: Group): number =>
    group.reduce((sum, row) => sum + 1 / (totals[classOf(row)] ?? 1), 0)
  for (const group of heaviestFirst(groups, weightOf)) {
    const counts = countsOf(group, classOf)
    const part = mostEven(parts, counts, totals)
    part.groups.push(group)
    part.rows += group.length
    for (const [index, count] of counts) add(part.counts, index, count)
  }
  return parts.map(({ groups }) => groups)
}

/** Groups by falling weight; those of about the same weight stay in the order in which they were drawn. */
function heaviestFirst(groups: readonly Group[], weightOf: (group: Group) => number): Group[] {
  const weights = Float32Array.from(groups, weightOf)
  // The exponent and two bits of the mantissa, so that a step is a seventh to a quarter: the parts come out as even as by
  // the exact weight, and the seed decides where groups of different sizes go, too.
  const steps = new Uint32Array(weights.buffer).map((bits) => bits >>> 21)
  const order = inOrder(0, groups.length).sort((a, b) => (steps[b] ?? 0) - (steps[a] ?? 0) || a - b)
  return Array.from(order, (index) => groups[index] ?? [])
}

function countsOf(group: Group, classOf: (row: number) => number): GroupCounts {
  const counts = new Map<number, number>()
  for (const row of group) counts.set(classOf(row), (counts.get(classOf(row)) ?? 0) + 1)
  return counts
}

/** Where a group leaves the classes most evenly spread; among equals, the part with the fewest rows for its share. */
function mostEven(parts: readonly Part[], group: GroupCounts, totals: Uint32Array): Part {
  const choices = parts.map((part) => ({
    part,
    unevenness: addedUnevenness(part, group, totals),
    rows: part.rows / part.share,
  }))
  const { part } = choices.reduce((best, other) =>
    other.unevenness < best.unevenness || (other.unevenness === best.unevenness && other.rows < best.rows)
      ? other
      : best,
  )
  return part
}

/**
 * How much a group in this part adds to the sum of (fraction of the class)² / share over all parts and classes. The sum
 * is least where each part has its share of every class, and for equal shares it is, but for a constant, the variance
 * whose root scikit-learn's StratifiedGroupKFold averages over the classes.
 */
function addedUnevenness({ share, counts }: Part, group: GroupCounts, totals: Uint32Array): number {
  let sum = 0
  for (const [index, count] of group)
    sum += (count * (2 * (counts[index] ?? 0) + count)) / (totals[index] ?? 1) ** 2
  return sum / share
}

function add(counts: Uint32Array, index: number, count: number): void {
  counts[index] = (counts[index] ?? 0) + count
}
