import { DataError } from '../../errors.ts'
import type { Cell } from '../../runtime/cell.ts'
import { quote } from '../../wording.ts'
import { ArrayBuilder } from '../columns/array-builder.ts'
import type { ColumnBuilder } from '../columns/column-builder.ts'
import type { TableReading } from '../columns/reading.ts'
import type { TableBuilder } from '../columns/table-builder.ts'

/** A column of JSON values: numbers, strings, booleans (1 and 0), null (missing) or nested lists of numbers. */
export type ValuesBuilder = ColumnBuilder | ArrayBuilder

/** Adds a column to a table, for values like its first one. */
export function addValues(
  table: TableBuilder,
  name: string,
  first: unknown,
  { types }: Pick<TableReading, 'types'>,
): ValuesBuilder {
  const isArray = Array.isArray(first) && table.rows === 0
  return isArray ? table.addArrays(name, first) : table.addColumn(name, types?.get(name))
}

/** Adds the value of a row, which an error message calls `place`. */
export function addValue(column: ValuesBuilder, value: unknown, place: () => string): void {
  if (column instanceof ArrayBuilder) column.add(value, place)
  else if (typeof value !== 'object' || value === null) column.add(cellOf(value))
  else {
    const found = Array.isArray(value)
      ? 'a list, unlike in the first row; expected a number or a string'
      : 'an object; expected a number, a string or a list'
    throw new DataError(`${place()}: ${quote(column.name)} is ${found}`)
  }
}

/** The cell of a value that is not a list. */
function cellOf(value: unknown): Cell {
  if (value === null || value === undefined || value === '') return undefined
  return typeof value === 'number' || typeof value === 'string' ? value : Number(value)
}
