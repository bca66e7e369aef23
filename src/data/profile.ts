import { momentsOf } from './moments.ts'
import type { Moments } from './moments.ts'
import type { Column } from './table.ts'

export type Role = 'feature' | 'target' | 'weight' | 'key' | 'unused'

/** What there is to know of a column before training. */
export type ColumnProfile = Partial<Moments> & {
  name: string
  kind: Column['kind']
  role: Role
  /** Of the array of each row. */
  shape?: readonly number[]
  missing: number
  /** How many different values there are; undefined for arrays. */
  distinct?: number
  /** The most frequent texts. */
  frequent?: { value: string; count: number }[]
}

export function profileOf(column: Column, role: Role): ColumnProfile {
  const { name, kind } = column
  if (column.kind === 'array') {
    return { name, kind, role, shape: column.shape, missing: 0, ...momentsOf(column.values) }
  }
  const counts = new Map<number | string, number>()
  let missing = 0
  for (const value of column.values) {
    if (value === '' || Number.isNaN(value)) missing += 1
    else counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const profile = { name, kind, role, missing, distinct: counts.size }
  if (column.kind === 'number') return { ...profile, ...momentsOf(column.values) }
  const frequent = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([value, count]) => ({ value: String(value), count }))
  return { ...profile, frequent }
}
