import { findColumn } from '../table.ts'
import type { Column, Table } from '../table.ts'

/** Consecutive rows of a table, as a table of their own. */
export type Block = {
  table: Table
  /** The row of the whole table that is its first. */
  start: number
}

/** Chosen rows of a block, counted from its first one. */
export type BlockRows = Block & { rows: Uint32Array }

/** The blocks of a table; one in memory is a single block. */
export function blocksOf(table: Table): Iterable<Block> {
  return table.blocks ? eachBlock(table.blocks) : [{ table, start: 0 }]
}

function* eachBlock(blocks: readonly Table[]): Generator<Block> {
  let start = 0
  for (const table of blocks) {
    yield { table, start }
    start += table.rows
  }
}

/** The blocks of a table that have some of the rows, which ascend, with those rows. */
export function blocksWith(table: Table, rows: Uint32Array): Iterable<BlockRows> {
  return table.blocks ? eachWith(table, rows) : [{ table, start: 0, rows }]
}

function* eachWith(table: Table, rows: Uint32Array): Generator<BlockRows> {
  let first = 0
  for (const block of blocksOf(table)) {
    const end = firstFrom(rows, block.start + block.table.rows, first)
    if (end > first) yield { ...block, rows: rows.subarray(first, end).map((row) => row - block.start) }
    first = end
  }
}

/** The part of a column in each block. */
export function partsOf(table: Table, column: Column): readonly Column[] {
  return table.blocks?.map((block) => findColumn(block, column.name, 'data')) ?? [column]
}

/** The position of the first row that is not below a limit. */
function firstFrom(rows: Uint32Array, limit: number, from: number): number {
  let [low, high] = [from, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle] ?? 0) < limit) low = middle + 1
    else high = middle
  }
  return low
}
