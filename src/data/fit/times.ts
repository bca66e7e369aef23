import { DataError } from '../../errors.ts'
import { byTime, timeOf } from '../../runtime/window.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { dateHint } from './written.ts'

/** Rows by ascending time; those of the same time stay in the order of the file, those without one are last. */
export function sortedByTime(table: Table, rows: Uint32Array, name: string): Uint32Array {
  const times = timesOf(table, rows, name)
  return rows.toSorted(byTime(times))
}

/** The time of each of the rows, at its number in the table: Infinity where it is missing. */
export function timesOf(table: Table, rows: Uint32Array, name: string): Float64Array {
  const times = new Float64Array(table.rows)
  for (const block of blocksWith(table, rows)) {
    const column = findColumn(block.table, name, 'data.split.time')
    const { values } = column
    for (const row of block.rows) times[block.start + row] = timeAt(block.table, column, values[row], row)
  }
  return times
}

function timeAt(table: Table, column: Column, value: string | number | undefined, row: number): number {
  const time = timeOf(value)
  if (time !== undefined && column.kind !== 'array') return time
  const hint = dateHint(table, column.name)
  throw new DataError(
    `${table.place(row)}: ${quote(String(value))} in column ${quote(column.name)} is not a time: expected a number or a date such as 2024-05-31`,
    hint === undefined ? {} : { hint },
  )
}
