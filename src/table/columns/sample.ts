import { sizeOf } from '../../ir/ir.ts'
import { randomUniform, stream } from '../../random.ts'
import type { Column, Table } from '../table.ts'
import { blocksWith } from './blocks.ts'
import type { BlockRows } from './blocks.ts'
import { joinTables } from './join.ts'
import { likeOf } from './typed-array.ts'
import { mapFloat64 } from '../../float-arrays.ts'

/** Takes rows from all over a table, in order: one at random from each of `count` equal parts. They are in memory. */
export function sampleOf(table: Table, count: number): Table {
  return joinTables(Array.from(blocksWith(table, sampledRows(table, count)), chosenRows))
}

function sampledRows(table: Table, count: number): Uint32Array {
  const shown = Math.min(count, table.rows)
  const draws = randomUniform(stream(0, 'sample'), 0, shown)
  return Uint32Array.from(draws, (draw, i) => Math.floor(((i + draw) * table.rows) / shown))
}

function chosenRows({ table, rows }: BlockRows): Table {
  // Places may be on disk.
  const places = Array.from(rows, (row) => table.place(row))
  return {
    name: table.name,
    rows: rows.length,
    columns: table.columns.map((column) => chosenValues(column, rows)),
    place: (row) => places[row] ?? table.name,
  }
}

function chosenValues(column: Column, rows: Uint32Array): Column {
  const { name } = column
  if (column.kind === 'string') {
    const { values } = column
    return { kind: 'string', name, values: Array.from(rows, (row) => values[row] ?? '') }
  }
  if (column.kind === 'number') {
    const { values } = column
    return { kind: 'number', name, values: mapFloat64(rows, (row) => values[row] ?? NaN) }
  }
  const { values, shape } = column
  const size = sizeOf(shape)
  const chosen = likeOf(values, rows.length * size)
  for (const [i, row] of rows.entries()) chosen.set(values.subarray(row * size, (row + 1) * size), i * size)
  return { kind: 'array', name, shape, values: chosen }
}
