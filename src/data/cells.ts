import { DataError } from '../errors.ts'
import { ArrayBuilder } from './array-builder.ts'
import { ColumnBuilder } from './column-builder.ts'
import { quote } from './table.ts'
import type { Cell } from './cell.ts'
import type { ColumnType } from './column-builder.ts'
import type { ArrayColumn, Column } from './table.ts'

type Place = (row: number) => string

/** A column of values as JSON has them: numbers, texts, booleans (1 and 0), null (missing) or nested lists of numbers. */
export function columnOf(
  name: string,
  values: readonly unknown[],
  place: Place,
  type: ColumnType | undefined,
): Column {
  if (values.some(Array.isArray)) return arraysOf(name, values, place)
  const builder = new ColumnBuilder(name, type)
  for (const [row, value] of values.entries()) {
    if (typeof value === 'object' && value !== null) {
      throw new DataError(`${place(row)}: ${quote(name)} is an object; a number, a text or a list is wanted`)
    }
    builder.add(cellOf(value))
  }
  return builder.finish()
}

/** A value that is no list. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined || value === '') return undefined
  return typeof value === 'number' || typeof value === 'string' ? value : Number(value)
}

function arraysOf(name: string, rows: readonly unknown[], place: Place): ArrayColumn {
  const builder = new ArrayBuilder(name, rows[0])
  for (const [row, value] of rows.entries()) builder.add(value, () => place(row))
  return builder.finish()
}
