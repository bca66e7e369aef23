import { randomUniform, stream } from '../../random.ts'
import type { Table } from '../table.ts'
import { blocksWith } from './blocks.ts'
import type { BlockRows } from './blocks.ts'
import { joinTables } from './join.ts'
import { inMemory } from './pick.ts'

/** Takes rows from all over a table, in order: one at random from each of `count` equal parts. They are in memory. */
export function sampleOf(table: Table, count: number): Table {
  if (table.rows <= count && !table.blocks) return table
  return takeRows(table, sampledRows(table, count))
}

/** Some rows of a table, which ascend where it is on disk, in memory. */
export function takeRows(table: Table, rows: Uint32Array): Table {
  return joinTables(Array.from(blocksWith(table, rows), chosenRows))
}

/** The same in `runs` runs of consecutive rows, each of which is read at once; all rows where there are no more. */
export function sampleOfRuns(table: Table, count: number, runs: number): Table {
  if (table.rows <= count && !table.blocks) return table
  const length = Math.ceil(Math.min(count, table.rows) / runs)
  const starts = sampledRows({ rows: Math.max(1, table.rows - length + 1) }, runs)
  const rows = new Set(Array.from(starts, (start) => Array.from({ length }, (_, i) => start + i)).flat())
  const chosen = Uint32Array.from(rows).filter((row) => row < table.rows)
  return takeRows(table, chosen.sort())
}

function sampledRows({ rows }: Pick<Table, 'rows'>, count: number): Uint32Array {
  const shown = Math.min(count, rows)
  const draws = randomUniform(stream(0, 'sample'), 0, shown)
  return Uint32Array.from(draws, (draw, i) => Math.floor(((i + draw) * rows) / shown))
}

function chosenRows({ table, rows }: BlockRows): Table {
  // Places may be on disk.
  const places = Array.from(rows, (row) => table.place(row))
  return {
    name: table.name,
    rows: rows.length,
    columns: table.columns.map((column) => inMemory(column, rows)),
    place: (row) => places[row] ?? table.name,
  }
}
