import { DataError } from '../../errors.ts'
import { stringOf } from '../../runtime/cell.ts'
import { placeIn } from '../../runtime/encodings/categories.ts'
import { list, quote } from '../../wording.ts'
import { columnNamed, scalarsOf } from '../table.ts'
import type { Column, Table } from '../table.ts'
import { blocksOf } from './blocks.ts'
import { tableOfBlocks } from './join.ts'
import { inMemory, onDemand } from './pick.ts'

/** The row number that no table has: its values are missing ones. */
const NO_ROW = 2 ** 32 - 1

/**
 * A table with the columns of another beside its own: each row gets those of the row with the same key, which is in no two
 * rows of the other table. Rows that are in the other table only are left out; `alone` counts those that are not in it.
 */
export function leftJoin(table: Table, other: Table, on: string): { table: Table; alone: number } {
  const twice = other.columns.filter(({ name }) => name !== on && columnNamed(table, name))
  if (twice.length > 0) {
    throw new DataError(
      `data.join: ${list(twice.map(({ name }) => quote(name)))} is a column of both ${table.name} and ${other.name}`,
      { hint: 'rename it in one of them: only the key may be in both' },
    )
  }
  const rowOf = placeIn(rowsByKey(other, on))
  const added = other.columns.filter(({ name }) => name !== on)
  const kept = table.blocks || other.blocks ? onDemand : inMemory
  let alone = 0
  const joined = Array.from(blocksOf(table), ({ table: block }): Table => {
    const keys = scalarsOf(block, on, 'data.join.on')
    const rows = Uint32Array.from(keys, (key: number | string) => rowOf(stringOf(key)) ?? NO_ROW)
    const lone = rows.filter((row) => row === NO_ROW).length
    if (lone > 0) refuseArrays(block, added, rows, other.name)
    alone += lone
    return { ...block, columns: [...block.columns, ...added.map((column) => kept(column, rows))] }
  })
  const [only] = joined
  return { table: table.blocks || !only ? tableOfBlocks(table.name, joined) : only, alone }
}

/** The row of each key; a missing key has none. */
function rowsByKey(table: Table, on: string): Map<string, number> {
  const rows = new Map<string, number>()
  for (const { table: block, start } of blocksOf(table)) {
    for (const [row, value] of scalarsOf(block, on, 'data.join.on').entries()) {
      const key = stringOf(value)
      const first = rows.get(key)
      if (first !== undefined)
        throw new DataError(
          `${block.place(row)}: the key ${quote(key)} in column ${quote(on)} is also that of ${table.place(first)}`,
        )
      if (key !== '') rows.set(key, start + row)
    }
  }
  return rows
}

function refuseArrays(block: Table, added: readonly Column[], rows: Uint32Array, other: string): void {
  const array = added.find(({ kind }) => kind === 'array')
  if (!array) return
  const row = rows.indexOf(NO_ROW)
  throw new DataError(
    `${block.place(row)}: no row of ${other} has its key, so there is nothing for the column ${quote(array.name)} of arrays`,
  )
}
