import { DataError } from '../../errors.ts'
import { list, quote } from '../../wording.ts'
import { columnNamed } from '../table.ts'
import type { ArrayColumn, Column, NumberColumn, Table } from '../table.ts'
import { likeOf } from './typed-array.ts'

/** Joins tables with the same columns, in any order, one below the other. */
export function joinTables([first, ...others]: readonly Table[]): Table {
  if (!first) throw new DataError('there is no file to read')
  if (others.length === 0) return first
  const tables = [first, ...others]
  for (const table of others) checkColumns(first, table)
  const name = `${first.name} and ${others.length} more`
  const ofFiles = tables.map((table) => ({ ...table, file: () => table.name }))
  const { blocks, ...joined } = tableOfBlocks(name, ofFiles)
  const noted = { ...joined, notes: fewNotes(tables.flatMap(({ notes = [] }) => notes)) }
  if (tables.some((table) => table.blocks)) return { ...noted, ...(blocks && { blocks }) }
  // A copy has the values themselves.
  return { ...noted, columns: joined.columns.map((column) => ({ ...column })) }
}

/** Notes on single files that are shown of many. */
const MOST_NOTES = 8

function fewNotes(notes: readonly string[]): string[] {
  const left = notes.length - MOST_NOTES
  return left > 1 ? [...notes.slice(0, MOST_NOTES), `${left} more notes on files like these`] : [...notes]
}

/** Joins tables that stay where they are: the values of a column are joined when they are accessed. */
export function tableOfBlocks(name: string, tables: readonly Table[]): Table {
  const ends: number[] = []
  for (const { rows } of tables) ends.push((ends.at(-1) ?? 0) + rows)
  const within = (row: number): { table: Table | undefined; row: number } => {
    const index = ends.findIndex((end) => row < end)
    return { table: tables[index], row: row - (ends[index - 1] ?? 0) }
  }
  return {
    name,
    rows: ends.at(-1) ?? 0,
    columns: tables[0]?.columns.map((column) => joinColumns(column, tables)) ?? [],
    index: tables[0]?.index ?? [],
    blocks: tables.flatMap((table) => table.blocks ?? [table]),
    place: (row) => {
      const found = within(row)
      return found.table?.place(found.row) ?? name
    },
    ...(tables.some(({ file }) => file) && {
      file: (row: number) => {
        const found = within(row)
        return found.table?.file?.(found.row) ?? name
      },
    }),
  }
}

function checkColumns(first: Table, table: Table): void {
  const wanted = first.columns.map(({ name }) => name)
  const found = table.columns.map(({ name }) => name)
  const missing = wanted.filter((name) => !columnNamed(table, name))
  const extra = found.filter((name) => !columnNamed(first, name))
  if (missing.length === 0 && extra.length === 0) return
  const differences = [
    ...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`also has ${list(extra)}`] : []),
  ]
  throw new DataError(
    `${table.name}: its columns are not those of ${first.name}: it ${differences.join(' and ')}`,
  )
}

function joinColumns(first: Column, tables: readonly Table[]): Column {
  const columns = tables.flatMap((table) => columnNamed(table, first.name) ?? [])
  const other = columns.findIndex((column) => !isLike(first, column))
  if (other >= 0) {
    const [found] = columns.slice(other)
    throw new DataError(
      `${tables[other]?.name}: the column ${quote(first.name)} holds ${found ? describe(found) : ''}, but ${describe(first)} in ${tables[0]?.name}`,
    )
  }
  const { name } = first
  if (first.kind === 'string') {
    return {
      kind: 'string',
      name,
      get values() {
        return columns.flatMap((column) => (column.kind === 'string' ? column.values : []))
      },
    }
  }
  if (first.kind === 'number') {
    const invalid = firstInvalid(columns, tables)
    return {
      kind: 'number',
      name,
      ...(invalid && { invalid }),
      get values() {
        return joinNumbers(columns, tables)
      },
    }
  }
  return {
    kind: 'array',
    name,
    shape: first.shape,
    get values() {
      return joinArrays(columns.flatMap((column) => (column.kind === 'array' ? [column.values] : [])))
    },
  }
}

function isLike(a: Column, b: Column): boolean {
  if (a.kind !== 'array' || b.kind !== 'array') return a.kind === b.kind
  return a.shape.join() === b.shape.join()
}

function describe(column: Column): string {
  return column.kind === 'array' ? `arrays of shape [${column.shape.join(', ')}]` : `${column.kind}s`
}

/** Joins the columns of tables, whose rows are counted. */
function joinNumbers(columns: readonly Column[], tables: readonly Table[]): Float64Array {
  const values = new Float64Array(tables.reduce((sum, { rows }) => sum + rows, 0))
  let start = 0
  for (const [i, column] of columns.entries()) {
    if (column.kind === 'number') values.set(column.values, start)
    start += tables[i]?.rows ?? 0
  }
  return values
}

function firstInvalid(columns: readonly Column[], tables: readonly Table[]): NumberColumn['invalid'] {
  let start = 0
  for (const [i, column] of columns.entries()) {
    if (column.kind === 'number' && column.invalid) {
      return { ...column.invalid, row: start + column.invalid.row }
    }
    start += tables[i]?.rows ?? 0
  }
  return undefined
}

/** Joins arrays into one of their type where it is the same, else of 64-bit numbers. */
function joinArrays(arrays: readonly ArrayColumn['values'][]): ArrayColumn['values'] {
  const size = arrays.reduce((sum, values) => sum + values.length, 0)
  const [first] = arrays
  const isSame = arrays.every((values) => values.constructor === first?.constructor)
  const joined = isSame && first ? likeOf(first, size) : new Float64Array(size)
  let start = 0
  for (const values of arrays) {
    joined.set(values, start)
    start += values.length
  }
  return joined
}
