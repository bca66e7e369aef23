import { partsOf } from '../../table/columns/blocks.ts'
import type { Column, Table } from '../../table/table.ts'
import { RunningMoments } from '../fit/moments.ts'
import type { Moments } from '../fit/moments.ts'

export type ColumnRole = 'feature' | 'target' | 'weight' | 'key' | 'unused'

/** Facts about a column before training. */
export type ColumnProfile = Partial<Moments> & {
  name: string
  kind: Column['kind']
  role: ColumnRole
  /** Shape of each row's array. */
  shape?: readonly number[]
  missing: number
  /** Count of different values; undefined for arrays, and for MAX_DISTINCT strings or more. */
  distinct?: number
  /** The most frequent strings; of equally frequent ones, those that come first. */
  frequent?: { value: string; count: number }[]
}

/** True for a column whose values are all the same. */
export function isConstant({ distinct, min, max }: ColumnProfile): boolean {
  return distinct === 1 || (min !== undefined && min === max)
}

/** Maximum different strings that are counted. */
export const MAX_DISTINCT = 1_000_000

/** Maximum strings in `frequent`. */
const MAX_FREQUENT = 5

export function profilesOf(table: Table, roles: ReadonlyMap<string, ColumnRole>): ColumnProfile[] {
  // Numbers are sorted here, column after column: a map of all different ones would take many times the memory.
  const buffer = new Float64Array(table.rows)
  return table.columns.map((column) => {
    const { name, kind } = column
    const role = roles.get(name) ?? 'unused'
    switch (column.kind) {
      case 'array':
        return { name, kind, role, shape: column.shape, missing: 0, ...momentsOf(numbersIn(table, column)) }
      case 'number':
        return numberProfile(table, column, role, buffer)
      case 'string':
        return { name, kind, role, ...stringProfile(table, column) }
    }
  })
}

/** Key by key: an object that others are spread into takes ten times the memory, which counts for a million columns. */
function numberProfile(table: Table, column: Column, role: ColumnRole, buffer: Float64Array): ColumnProfile {
  const { name, kind } = column
  let count = 0
  for (const values of numbersIn(table, column)) {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? NaN
      if (!Number.isNaN(value)) buffer[count++] = value
    }
  }
  const numbers = buffer.subarray(0, count)
  const moments = momentsOf([numbers])
  const missing = table.rows - count
  const distinct = countDistinct(numbers.sort())
  if (!moments) return { name, kind, role, missing, distinct }
  const { min, max, mean, deviation } = moments
  return { name, kind, role, missing, distinct, min, max, mean, deviation }
}

function countDistinct(sorted: Float64Array): number {
  let count = 0
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) count += 1
  return count
}

function stringProfile(table: Table, column: Column): Omit<ColumnProfile, 'name' | 'kind' | 'role'> {
  const counts = new Map<string, number>()
  let missing = 0
  for (const string of stringsIn(table, column)) {
    if (string === '') missing += 1
    else if (counts.size < MAX_DISTINCT || counts.has(string))
      counts.set(string, (counts.get(string) ?? 0) + 1)
  }
  if (counts.size === MAX_DISTINCT) return { missing }
  const frequent = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_FREQUENT)
    .map(([value, count]) => ({ value, count }))
  return { missing, distinct: counts.size, frequent }
}

function* numbersIn(table: Table, column: Column): Generator<ArrayLike<number>> {
  for (const part of partsOf(table, column)) if (part.kind !== 'string') yield part.values
}

function* stringsIn(table: Table, column: Column): Generator<string> {
  for (const part of partsOf(table, column)) if (part.kind === 'string') yield* part.values
}

function momentsOf(pieces: Iterable<ArrayLike<number>>): Moments | undefined {
  const running = new RunningMoments()
  for (const values of pieces) running.add(values)
  return running.moments
}
