import { partsOf } from '../../table/columns/blocks.ts'
import { RunningMoments } from '../fit/moments.ts'
import type { Moments } from '../fit/moments.ts'
import type { Column, Table } from '../../table/table.ts'

export type Role = 'feature' | 'target' | 'weight' | 'key' | 'unused'

/** What there is to know of a column before training. */
export type ColumnProfile = Partial<Moments> & {
  name: string
  kind: Column['kind']
  role: Role
  /** Of the array of each row. */
  shape?: readonly number[]
  missing: number
  /** How many different values there are; undefined for arrays, and for MOST_TEXTS texts or more. */
  distinct?: number
  /** The most frequent texts; of those that are as frequent, the ones that come first. */
  frequent?: { value: string; count: number }[]
}

/** So many different texts are not told apart. */
export const MOST_TEXTS = 1_000_000

/** So many of the most frequent texts are told. */
const MOST_FREQUENT = 5

export function profilesOf(table: Table, roles: ReadonlyMap<string, Role>): ColumnProfile[] {
  // Numbers are sorted here, column after column: a map of all different ones would take many times as much.
  const room = new Float64Array(table.rows)
  return table.columns.map((column) => {
    const { name, kind } = column
    const head = { name, kind, role: roles.get(name) ?? 'unused' }
    switch (column.kind) {
      case 'array':
        return { ...head, shape: column.shape, missing: 0, ...momentsOf(numbersIn(table, name)) }
      case 'number':
        return { ...head, ...numberProfile(table, name, room) }
      case 'string':
        return { ...head, ...textProfile(table, name) }
    }
  })
}

type ValuesProfile = Omit<ColumnProfile, 'name' | 'kind' | 'role'>

function numberProfile(table: Table, name: string, room: Float64Array): ValuesProfile {
  let count = 0
  for (const values of numbersIn(table, name)) {
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? NaN
      if (!Number.isNaN(value)) room[count++] = value
    }
  }
  const numbers = room.subarray(0, count)
  const moments = momentsOf([numbers])
  return { missing: table.rows - count, distinct: countDistinct(numbers.sort()), ...moments }
}

function countDistinct(sorted: Float64Array): number {
  let count = 0
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) count += 1
  return count
}

function textProfile(table: Table, name: string): ValuesProfile {
  const counts = new Map<string, number>()
  let missing = 0
  for (const text of textsIn(table, name)) {
    if (text === '') missing += 1
    else if (counts.size < MOST_TEXTS || counts.has(text)) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  if (counts.size === MOST_TEXTS) return { missing }
  const frequent = [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_FREQUENT)
    .map(([value, count]) => ({ value, count }))
  return { missing, distinct: counts.size, frequent }
}

function* numbersIn(table: Table, name: string): Generator<ArrayLike<number>> {
  for (const part of partsOf(table, name)) if (part.kind !== 'string') yield part.values
}

function* textsIn(table: Table, name: string): Generator<string> {
  for (const part of partsOf(table, name)) if (part.kind === 'string') yield* part.values
}

function momentsOf(pieces: Iterable<ArrayLike<number>>): Moments | undefined {
  const running = new RunningMoments()
  for (const values of pieces) running.add(values)
  return running.moments
}
