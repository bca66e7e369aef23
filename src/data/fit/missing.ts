import { DataError } from '../../errors.ts'
import { blocksOf } from '../../table/columns/blocks.ts'
import { findColumn, refuseInvalid } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import { inOrder } from '../rows/in-order.ts'

/** The columns in use: those with missing values filled in, and those that must have values. */
export type UsedColumns = { filled: readonly Column[]; strict: readonly Column[] }

/** The usable rows in order, and a note on dropped ones. */
export function usableRows(
  table: Table,
  { filled, strict }: UsedColumns,
  policy: 'error' | 'drop' | 'fill',
): { rows: Uint32Array; notes: string[] } {
  for (const column of [...filled, ...strict]) refuseInvalid(table, column)
  if (policy !== 'drop') {
    refuseMissing(table, strict, policy)
    return { rows: inOrder(0, table.rows), notes: [] }
  }
  const isComplete = new Uint8Array(table.rows).fill(1)
  for (const { row } of missingIn(table, strict)) isComplete[row] = 0
  const rows = inOrder(0, table.rows).filter((row) => isComplete[row] === 1)
  if (rows.length === 0)
    throw new DataError(`${table.name}: no row is left after dropping those with missing values`)
  const dropped = table.rows - rows.length
  const note = `${dropped} of ${table.rows} rows have missing values and were dropped`
  return { rows, notes: dropped > 0 ? [note] : [] }
}

/** Missing values, block by block. */
function* missingIn(table: Table, columns: readonly Column[]): Generator<{ column: Column; row: number }> {
  for (const block of blocksOf(table)) {
    for (const column of columns) {
      if (column.kind === 'array') continue
      const { values } = table.blocks ? findColumn(block.table, column.name, 'data') : column
      for (let row = 0; row < block.table.rows; row++) {
        const value = values[row]
        if (value === '' || Number.isNaN(value)) yield { column, row: block.start + row }
      }
    }
  }
}

function refuseMissing(table: Table, columns: readonly Column[], policy: 'error' | 'fill'): void {
  const counts = new Map<string, number>()
  let first: { column: Column; row: number } | undefined
  for (const missing of missingIn(table, columns)) {
    const { name } = missing.column
    counts.set(name, (counts.get(name) ?? 0) + 1)
    if (!first || missing.row < first.row) first = missing
  }
  if (!first) return
  const shown = columns.flatMap(({ name }) => (counts.has(name) ? [`${name} (${counts.get(name)})`] : []))
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const others = total > 1 ? `; ${total} values are missing in ${list(shown)}` : ''
  throw new DataError(
    `${table.place(first.row)}: column ${quote(first.column.name)} has no value${others}`,
    policy === 'fill'
      ? { hint: 'only features are filled in; data.missing: drop omits rows without a target' }
      : {
          hint: 'empty fields, NA, NaN, null and ? are missing values: set data.missing to drop, mean, median or {constant: 0}',
        },
  )
}
