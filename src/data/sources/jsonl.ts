import { DataError } from '../../errors.ts'
import { shapeOf } from '../../spec/inline.ts'
import { ColumnBuilder } from '../column-builder.ts'
import { displayName, readBytes } from '../file.ts'
import { quote, sizeOf } from '../table.ts'
import type { Value } from '../../spec/inline.ts'
import type { Cell } from '../cell.ts'
import type { Reading } from '../file.ts'
import type { ArrayColumn, Column, Table } from '../table.ts'

type Row = { line: number; fields: Map<string, unknown> }

/** One JSON object a line: its values are numbers, texts, booleans (1 and 0), null (missing) or nested lists of numbers. */
export async function readJsonl(options: { path: string }, reading: Reading): Promise<Table> {
  const name = displayName(options.path)
  const rows = parseLines(decode(await readBytes(options.path, reading), name), name)
  if (rows.length === 0) throw new DataError(`${name}: the file has no rows`)
  const names = new Set(rows.flatMap((row) => [...row.fields.keys()]))
  const place = (row: number): string => `${name}:${rows[row]?.line ?? 0}`
  return {
    name,
    rows: rows.length,
    columns: Array.from(names, (column) => readColumn(column, rows, place, reading)),
    place,
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new DataError(`${name}: this is not a text file in UTF-8`, { cause })
  }
}

function parseLines(text: string, name: string): Row[] {
  const rows: Row[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const parsed = parseJson(line, `${name}:${index + 1}`)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new DataError(
        `${name}:${index + 1}: ${quote(line.trim())} is not an object such as {"x": 1, "y": 2}`,
      )
    }
    rows.push({ line: index + 1, fields: new Map(Object.entries(parsed)) })
  }
  return rows
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new DataError(
      `${place}: this line is not valid JSON: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  }
}

function readColumn(
  name: string,
  rows: readonly Row[],
  place: (row: number) => string,
  reading: Reading,
): Column {
  if (rows.some((row) => Array.isArray(row.fields.get(name)))) return readArrays(name, rows, place)
  const builder = new ColumnBuilder(name, reading.types?.get(name))
  for (const [index, row] of rows.entries()) {
    const value = row.fields.get(name)
    if (typeof value === 'object' && value !== null) {
      throw new DataError(
        `${place(index)}: ${quote(name)} is an object; a number, a text or a list is wanted`,
      )
    }
    builder.add(cellOf(value))
  }
  return builder.finish()
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined || value === '') return undefined
  return typeof value === 'number' || typeof value === 'string' ? value : Number(value)
}

const MOST_DIMENSIONS = 8

function readArrays(name: string, rows: readonly Row[], place: (row: number) => string): ArrayColumn {
  const first = rows[0]?.fields.get(name)
  const shape = isNested(first, MOST_DIMENSIONS) ? shapeOf(first) : []
  const size = sizeOf(shape)
  const values = new Float64Array(rows.length * size)
  for (const [index, row] of rows.entries()) {
    const end = fill(values, index * size, row.fields.get(name), shape)
    if (end !== (index + 1) * size || shape.length === 0) {
      throw new DataError(
        `${place(index)}: ${quote(name)} is not a list of numbers of shape [${shape.join(', ')}], as in the first row`,
      )
    }
  }
  return { kind: 'array', name, shape, values }
}

function isNested(value: unknown, depth: number): value is Value {
  if (!Array.isArray(value)) return typeof value === 'number'
  return depth > 0 && value.every((item) => isNested(item, depth - 1))
}

/** Writes nested lists of this shape from `start` on and returns where it ended; NaN where they have another shape. */
function fill(
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
  return value.reduce<number>((position, item) => fill(values, position, item, rest), start)
}
