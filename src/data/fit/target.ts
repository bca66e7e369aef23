import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'

/** An output of the model that targets are read for. */
export type OutputPort = { name: string; shape: readonly number[] }

/** One number or text of every row's target. */
export type Element = { column: Column; at(row: number): number | string }

/** How many elements a target has. */
export function targetWidth(table: Table, columns: readonly string[]): number {
  return columns.reduce((width, name) => width + elementsOf(findColumn(table, name, 'data.target')), 0)
}

/** The elements of a target in order: one for a plain column, more for a column of arrays. */
export function targetElements(table: Table, columns: readonly string[]): Element[] {
  return columns.flatMap((name) => {
    const column = findColumn(table, name, 'data.target')
    const width = elementsOf(column)
    const values = column.kind === 'string' ? column.values : numbersOf(table, column, 'a target')
    return Array.from({ length: width }, (_, i) => ({ column, at: (row) => values[row * width + i] ?? NaN }))
  })
}
