import { DataError } from '../../errors.ts'
import type { Cell } from '../../runtime/cell.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn, refuseInvalid } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'

/** Values of a column, one for each of some rows. */
export type PassedColumn = { readonly name: string; readonly values: readonly Cell[] }

/** Columns of some rows, which ascend where the table is on disk, as they were read. */
export function passedColumns(table: Table, rows: Uint32Array, names: readonly string[]): PassedColumn[] {
  return names.map((name) => {
    const column = findColumn(table, name, 'the option keep')
    refuseInvalid(table, column)
    if (column.kind === 'array') {
      throw new DataError(
        `${table.name}: the column ${quote(name)} holds arrays, which cannot be kept beside predictions`,
      )
    }
    return { name, values: [...cellsOf(table, rows, name)] }
  })
}

/** The file of each row, where the rows are from several: of images, their names. */
export function fileColumn({ file }: Table, rows: Uint32Array): PassedColumn[] {
  return file ? [{ name: 'file', values: Array.from(rows, (row) => file(row)) }] : []
}

/** The values of a column in some rows. */
function* cellsOf(table: Table, rows: Uint32Array, name: string): Generator<Cell> {
  for (const block of blocksWith(table, rows)) {
    const { values } = findColumn(block.table, name, 'the option keep')
    for (const row of block.rows) yield present(values[row])
  }
}

/** A value, or undefined where it is missing. */
export function present(value: Cell): Cell {
  return value === '' || Number.isNaN(value) ? undefined : value
}
