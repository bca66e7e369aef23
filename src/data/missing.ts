import { DataError } from '../errors.ts'
import { list, quote, refuseInvalid } from './table.ts'
import type { Column, Table } from './table.ts'

/** The columns in use: those whose missing values are filled in, and those that must have values. */
export type UsedColumns = { filled: readonly Column[]; strict: readonly Column[] }

/** The rows that can be used, in order, and how many were left out. */
export function usableRows(
  table: Table,
  { filled, strict }: UsedColumns,
  policy: 'error' | 'drop' | 'fill',
): { rows: Uint32Array; dropped: number } {
  for (const column of [...filled, ...strict]) refuseInvalid(table, column)
  if (policy !== 'drop') {
    refuseMissing(table, strict, policy)
    return { rows: allRows(table), dropped: 0 }
  }
  const isComplete = new Uint8Array(table.rows).fill(1)
  for (const column of strict) {
    for (let row = 0; row < table.rows; row++) if (isMissing(column, row)) isComplete[row] = 0
  }
  const rows = allRows(table).filter((row) => isComplete[row] === 1)
  if (rows.length === 0)
    throw new DataError(`${table.name}: no row is left when those with missing values are dropped`)
  return { rows, dropped: table.rows - rows.length }
}

export function allRows(table: Table): Uint32Array {
  return Uint32Array.from({ length: table.rows }, (_, row) => row)
}

function isMissing(column: Column, row: number): boolean {
  if (column.kind === 'number') return Number.isNaN(column.values[row])
  return column.kind === 'text' && column.values[row] === ''
}

function refuseMissing(table: Table, columns: readonly Column[], policy: 'error' | 'fill'): void {
  const lacking = columns
    .map((column) => ({ column, rows: missingRows(table, column) }))
    .filter(({ rows }) => rows.length > 0)
  const first = lacking.toSorted((a, b) => (a.rows[0] ?? 0) - (b.rows[0] ?? 0))[0]
  if (!first) return
  const counts = lacking.map(({ column, rows }) => `${column.name} (${rows.length})`)
  const total = lacking.reduce((sum, { rows }) => sum + rows.length, 0)
  const others = total > 1 ? `; ${total} values are missing in ${list(counts)}` : ''
  throw new DataError(
    `${table.place(first.rows[0] ?? 0)}: column ${quote(first.column.name)} has no value${others}`,
    policy === 'fill'
      ? { hint: 'only features are filled in; data.missing: drop leaves out rows without a target' }
      : {
          hint: 'empty fields, NA, NaN, null and ? are missing values: data.missing may be drop, mean, median or {constant: 0}',
        },
  )
}

function missingRows(table: Table, column: Column): number[] {
  const rows: number[] = []
  if (column.kind === 'array') return rows
  for (let row = 0; row < table.rows; row++) if (isMissing(column, row)) rows.push(row)
  return rows
}
