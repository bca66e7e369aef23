import { DataError } from '../../errors.ts'
import { cellOf, isPlainList, textOfList } from '../../runtime/cell.ts'
import type { CellReader } from '../../runtime/text-form.ts'
import { quote } from '../../wording.ts'
import { ArrayBuilder } from '../columns/array-builder.ts'
import type { ColumnBuilder } from '../columns/column-builder.ts'
import type { TableBuilder } from '../columns/table-builder.ts'

/**
 * A column of JSON values: numbers, strings, booleans (1 and 0), null (missing) or nested lists of numbers. Lists in a column
 * of strings are their items with spaces between, those of objects as JSON writes them.
 */
export type ValuesBuilder = ColumnBuilder | ArrayBuilder

/** Adds a column to a table, for values like its first one. */
export function addValues(table: TableBuilder, name: string, first: unknown): ValuesBuilder {
  const isArray = Array.isArray(first) && table.rows === 0 && table.typeOf(name) !== 'string'
  if (isArray && !isOfStrings(first)) return table.addArrays(name, first)
  return table.addColumn(name, isArray ? 'string' : undefined)
}

/** Adds the value of a row, which an error message calls `place`. */
export function addValue(
  column: ValuesBuilder,
  value: unknown,
  place: () => string,
  read: CellReader = (field) => field,
): void {
  if (column instanceof ArrayBuilder) column.add(value, place)
  else if (typeof value !== 'object' || value === null) column.add(cellOf(value, read))
  else if (column.holdsStrings && isPlainList(value)) column.add(textOfList(value))
  else if (Array.isArray(value) && !column.numbers && isOfStrings(value))
    column.add(isPlainList(value) ? textOfList(value) : JSON.stringify(value))
  else {
    const found = Array.isArray(value)
      ? 'a list, unlike in the first row; expected a number or a string'
      : 'an object; expected a number, a string or a list'
    throw new DataError(`${place()}: ${quote(column.name)} is ${found}`)
  }
}

/** True for a list that is not one of numbers, nor of lists. */
function isOfStrings(list: readonly unknown[]): boolean {
  return list.every((item) => typeof item !== 'number' && !Array.isArray(item))
}
