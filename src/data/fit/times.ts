import { DataError } from '../../errors.ts'
import { byTime, timeOf } from '../../runtime/window.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { scalarsOf } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
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
    const values = scalarsOf(block.table, name, 'data.split.time')
    for (const row of block.rows)
      times[block.start + row] = timeOf(values[row]) ?? refuseTime(block.table, name, row, values[row])
  }
  return times
}

function refuseTime(table: Table, name: string, row: number, value: string | number | undefined): never {
  const hint = dateHint(table, name)
  throw new DataError(
    `${table.place(row)}: ${quote(String(value))} in column ${quote(name)} is not a time: expected a number or a date such as 2024-05-31`,
    hint === undefined ? {} : { hint },
  )
}
