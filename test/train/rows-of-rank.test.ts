import { expect, it } from 'vitest'

import { inOrder } from '../../src/data/rows/in-order.ts'
import { windowsOf } from '../../src/data/rows/row-set.ts'
import type { RowSet } from '../../src/data/rows/row-set.ts'
import { rowsOfRank } from '../../src/train/rows-of-rank.ts'
import { localRanks } from '../engine/local-ranks.ts'

const ROWS = 43
const MOST = 12

/** Rows on disk, in windows of a number that says which row it is; notes the rows that are read. */
function rowsOnDisk() {
  const read: number[] = []
  const set: RowSet = {
    rows: ROWS,
    whole: undefined,
    windowRows: MOST,
    release: () => undefined,
    window(rows) {
      expect(rows.length).toBeLessThanOrEqual(MOST)
      read.push(...rows)
      const data = Float32Array.from(rows)
      const encoded = {
        rows: rows.length,
        inputs: [{ name: 'x', shape: [1], data }],
        targets: [],
        sourceRow: rows,
      }
      return Promise.resolve({ encoded, order: inOrder(0, rows.length), rows })
    },
  }
  return { set, read }
}

it.each([
  { size: 1, parts: 6 },
  { size: 3, parts: 6 },
  { size: 4, parts: 7 },
])('$size ranks read each row once, where the steps of $parts parts take it', async ({ size, parts }) => {
  const batchSize = 10
  const order = (first: number, end: number) => inOrder(first, end).map((i) => (i * 7) % ROWS)
  const all: number[] = []
  for (const ranks of localRanks(size)) {
    const { set, read } = rowsOnDisk()
    const windows = windowsOf(rowsOfRank(set, ranks, parts, batchSize), order, { batchSize })
    let position = 0
    for await (const { encoded, order: places, rows } of windows) {
      expect(rows).toEqual(order(position, position + rows.length))
      const found = Array.from(places, (place) => encoded.inputs[0]?.data[place])
      expect(found.filter((row, i) => row === rows[i]).length).toBeGreaterThanOrEqual(encoded.rows)
      position += rows.length
    }
    expect(position).toBe(ROWS)
    all.push(...read)
  }
  expect(all.toSorted((a, b) => a - b)).toEqual([...inOrder(0, ROWS)])
})
