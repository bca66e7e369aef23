import { mapFloat64 } from '../../float-arrays.ts'
import { sizeOf } from '../../ir/ir.ts'
import { elementsOf } from '../table.ts'
import type { ArrayColumn, Column, NumberColumn, Table } from '../table.ts'
import { blocksWith } from './blocks.ts'
import { tableOfBlocks } from './join.ts'
import type { Spool } from './spool.ts'
import { numbersOfRows } from './typed-array.ts'

/**
 * A table of some rows, which ascend. Those of a table on disk stay there, and are read when their values are accessed,
 * unless memory has room for them now.
 */
export function pickRows(table: Table, rows: Uint32Array, spool?: Spool): Table {
  if (!table.blocks) return pickFrom(table, rows, inMemory)
  const fits = spool?.hold(rows.length * rowBytes(table)) === true
  const kept = fits ? inMemory : onDemand
  const blocks = Array.from(blocksWith(table, rows), (block) => pickFrom(block.table, block.rows, kept))
  const { blocks: stored, ...picked } = tableOfBlocks(table.name, blocks)
  const whole = { ...picked, ...(table.index && { index: table.index }) }
  if (!fits) return { ...whole, ...(stored && { blocks: stored }) }
  return { ...whole, columns: whole.columns.map((column) => ({ ...column })) }
}

/** Bytes of a number in memory, and of a string of some letters. */
const [NUMBER_BYTES, STRING_BYTES] = [8, 64]

/** Bytes of a row in memory. */
function rowBytes({ columns }: Table): number {
  return columns.reduce(
    (sum, column) => sum + (column.kind === 'string' ? STRING_BYTES : NUMBER_BYTES * elementsOf(column)),
    0,
  )
}

function pickFrom(
  { name, columns, index, place, file }: Table,
  rows: Uint32Array,
  kept: typeof onDemand,
): Table {
  return {
    name,
    rows: rows.length,
    columns: columns.map((column) => kept(column, rows)),
    ...(index && { index }),
    place: (row) => place(rows[row] ?? 0),
    ...(file && { file: (row: number) => file(rows[row] ?? 0) }),
  }
}

/** The values of some rows, as a column that holds them. */
export function inMemory(column: Column, rows: Uint32Array): Column {
  // A copy has the values themselves.
  return { ...onDemand(column, rows) }
}

/** The values of some rows, picked each time that they are accessed. */
export function onDemand(column: Column, rows: Uint32Array): Column {
  const { name } = column
  switch (column.kind) {
    case 'string':
      return {
        kind: 'string',
        name,
        get values() {
          const { values } = column
          return Array.from(rows, (row) => values[row] ?? '')
        },
      }
    case 'number':
      return {
        kind: 'number',
        name,
        ...invalidIn(column, rows),
        get values() {
          return pickNumbers(column, rows)
        },
      }
    case 'array':
      return {
        kind: 'array',
        name,
        shape: column.shape,
        get values() {
          return pickArrays(column, rows)
        },
      }
  }
}

function pickNumbers({ values }: NumberColumn, rows: Uint32Array): Float64Array {
  return mapFloat64(rows, (row) => values[row] ?? NaN)
}

function pickArrays({ values, shape }: ArrayColumn, rows: Uint32Array): ArrayColumn['values'] {
  return numbersOfRows(values, rows, sizeOf(shape))
}

/** The first invalid value among those that are picked. */
function invalidIn(column: NumberColumn, rows: Uint32Array): Pick<NumberColumn, 'invalid'> {
  if (!column.invalid) return {}
  const { row: known, text } = column.invalid
  const first = pickNumbers(column, rows).findIndex((value) => Math.abs(value) === Infinity)
  if (first < 0) return {}
  return { invalid: { row: first, ...(rows[first] === known && text !== undefined && { text }) } }
}
