import type { RowSet } from '../data/rows/row-set.ts'
import type { Ranks } from '../engine/ranks.ts'
import { partsOf } from '../step/parts.ts'
import type { BatchPart } from '../step/parts.ts'

/**
 * Rows on disk of which a rank reads those that it computes: its parts of each batch. Windows begin with a batch; what
 * stands for the rows of others in their order is never looked at.
 */
export function rowsOfRank(set: RowSet, ranks: Ranks, parts: number, batchSize: number): RowSet {
  const ownIn = (rows: number): BatchPart => {
    const own = partsOf(rows, parts).filter((_, part) => ranks.ownerOf(part, parts) === ranks.rank)
    return { from: own[0]?.from ?? 0, end: own.at(-1)?.end ?? 0 }
  }
  const ofBatch = ownIn(batchSize)
  return {
    rows: set.rows,
    whole: undefined,
    windowRows: Math.floor(set.windowRows / Math.max(1, ofBatch.end - ofBatch.from)) * batchSize,
    release: (window) => set.release(window),
    async window(rows) {
      const places: number[] = []
      for (let first = 0; first < rows.length; first += batchSize) {
        const rest = rows.length - first
        const own = rest < batchSize ? ownIn(rest) : ofBatch
        for (let i = own.from; i < own.end; i++) places.push(first + i)
      }
      // A window has a row.
      if (places.length === 0) places.push(0)
      const window = await set.window(Uint32Array.from(places, (place) => rows[place] ?? 0))
      const order = new Uint32Array(rows.length)
      for (const [i, place] of places.entries()) order[place] = window.order[i] ?? 0
      return Object.assign(window, { order, rows })
    },
  }
}
