import { DataError } from '../errors.ts'
import { list, quote } from './table.ts'
import type { ArrayColumn, Column, NumberColumn, Table } from './table.ts'

/** Tables of the same columns, in any order, one below the other. */
export function joinTables([first, ...others]: readonly Table[]): Table {
  if (!first) throw new DataError('there is no file to read')
  if (others.length === 0) return first
  const tables = [first, ...others]
  for (const table of others) checkColumns(first, table)
  const ends: number[] = []
  for (const { rows } of tables) ends.push((ends.at(-1) ?? 0) + rows)
  return {
    name: `${first.name} and ${others.length} more`,
    rows: ends.at(-1) ?? 0,
    columns: first.columns.map((column) => joinColumns(column, tables)),
    place: (row) => {
      const index = ends.findIndex((end) => row < end)
      return tables[index]?.place(row - (ends[index - 1] ?? 0)) ?? first.name
    },
  }
}

function checkColumns(first: Table, table: Table): void {
  const wanted = first.columns.map(({ name }) => name)
  const found = table.columns.map(({ name }) => name)
  const missing = wanted.filter((name) => !found.includes(name))
  const extra = found.filter((name) => !wanted.includes(name))
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
  const columns = tables.flatMap((table) => table.columns.filter(({ name }) => name === first.name))
  const other = columns.findIndex((column) => !isLike(first, column))
  if (other >= 0) {
    const [found] = columns.slice(other)
    throw new DataError(
      `${tables[other]?.name}: the column ${quote(first.name)} holds ${found ? describe(found) : ''}, but ${describe(first)} in ${tables[0]?.name}`,
    )
  }
  if (first.kind === 'text') {
    return { ...first, values: columns.flatMap((column) => (column.kind === 'text' ? column.values : [])) }
  }
  if (first.kind === 'number') return joinNumbers(first, columns)
  const arrays = columns.flatMap((column) => (column.kind === 'array' ? [column.values] : []))
  return { ...first, values: joinArrays(first.values, arrays) }
}

function isLike(a: Column, b: Column): boolean {
  if (a.kind !== 'array' || b.kind !== 'array') return a.kind === b.kind
  return a.shape.join() === b.shape.join()
}

function describe(column: Column): string {
  return column.kind === 'array' ? `arrays of shape [${column.shape.join(', ')}]` : `${column.kind}s`
}

function joinNumbers(first: NumberColumn, columns: readonly Column[]): NumberColumn {
  const parts = columns.flatMap((column) => (column.kind === 'number' ? [column] : []))
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.values.length, 0))
  let invalid: NumberColumn['invalid']
  let start = 0
  for (const part of parts) {
    values.set(part.values, start)
    if (part.invalid) invalid ??= { ...part.invalid, row: start + part.invalid.row }
    start += part.values.length
  }
  return { kind: 'number', name: first.name, values, ...(invalid && { invalid }) }
}

/** One block of the first one's type where all have it, else of 64-bit numbers. */
function joinArrays(
  first: ArrayColumn['values'],
  arrays: readonly ArrayColumn['values'][],
): ArrayColumn['values'] {
  const size = arrays.reduce((sum, values) => sum + values.length, 0)
  const isSame = arrays.every((values) => values.constructor === first.constructor)
  const joined = isSame ? like(first, size) : new Float64Array(size)
  let start = 0
  for (const values of arrays) {
    joined.set(values, start)
    start += values.length
  }
  return joined
}

function like(values: ArrayColumn['values'], size: number): ArrayColumn['values'] {
  if (values instanceof Uint8Array) return new Uint8Array(size)
  if (values instanceof Int32Array) return new Int32Array(size)
  return values instanceof Float32Array ? new Float32Array(size) : new Float64Array(size)
}
