import { DataError } from '../errors.ts'
import { shapeOf } from '../spec/inline.ts'
import { ColumnBuilder } from './column-builder.ts'
import { quote, sizeOf } from './table.ts'
import type { Value } from '../spec/inline.ts'
import type { Cell } from './cell.ts'
import type { ColumnType } from './column-builder.ts'
import type { ArrayColumn, Column } from './table.ts'

/** The most axes that lists in lists may have. */
const MOST_DIMENSIONS = 8

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
  const shape = shapeOfLists(rows[0])
  const size = sizeOf(shape)
  const values = new Float64Array(rows.length * size)
  for (const [row, value] of rows.entries()) {
    const end = fillFrom(values, row * size, value, shape)
    if (end !== (row + 1) * size || shape.length === 0) {
      throw new DataError(
        `${place(row)}: ${quote(name)} is not a list of numbers of shape [${shape.join(', ')}], as in the first row`,
      )
    }
  }
  return { kind: 'array', name, shape, values }
}

/** The shape of nested lists; empty where they are not such of numbers. */
export function shapeOfLists(value: unknown): number[] {
  return isNested(value, MOST_DIMENSIONS) ? shapeOf(value) : []
}

function isNested(value: unknown, depth: number): value is Value {
  if (!Array.isArray(value)) return typeof value === 'number'
  return depth > 0 && value.every((item) => isNested(item, depth - 1))
}

/** Writes nested lists of this shape from `start` on and returns where it ended; NaN where they have another shape. */
export function fillFrom(
  values: Float64Array,
  start: number,
  value: unknown,
  [length, ...rest]: readonly number[],
): number {
  if (length === undefined) {
    if (typeof value !== 'number') return NaN
    values[start] = value
    return start + 1
  }
  if (!Array.isArray(value) || value.length !== length) return NaN
  return value.reduce<number>((position, item) => fillFrom(values, position, item, rest), start)
}
