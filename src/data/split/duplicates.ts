import { inOrder } from '../rows/in-order.ts'
import { windowsOf } from '../rows/row-set.ts'
import { counted } from '../../wording.ts'
import type { EncodedRows } from '../rows/encoded-rows.ts'
import type { RowSet, RowWindow } from '../rows/row-set.ts'
import type { Table } from '../../table/table.ts'

/** The rows of a split with the table that they come from. */
type Origin = { table: Table; set: RowSet }

/** What to tell of test rows that were trained on, if there are any. */
export async function sharedNote(train: Origin, test: Origin): Promise<string | undefined> {
  const { count, first } = await sharedRows(test.set, train.set)
  if (!first) return undefined
  const here = test.table.place(first.here)
  const there = train.table.place(first.there)
  return `${counted(count, 'row')} of the ${test.set.rows} in the test split ${count === 1 ? 'stands' : 'stand'} in the training split too, such as ${here} and ${there}: what is known already says little about new rows`
}

/** A row of one set and a row of another. */
type Pair = { here: number; there: number }

/** So many pairs are compared at once. */
const MOST_PAIRS = 2 ** 14
/** A row is compared with so many others of its hash. */
const MOST_SAME = 16

/** How many rows of `here` have the inputs and targets of a row of `there`, and the first such pair, as rows of the tables. */
async function sharedRows(here: RowSet, there: RowSet): Promise<{ count: number; first?: Pair }> {
  const pairs = await likelyPairs(here, there)
  const most = Math.min(MOST_PAIRS, here.windowRows, there.windowRows)
  let count = 0
  let last: number | undefined
  let first: Pair | undefined
  for (let start = 0; start < pairs.length; start += most) {
    const some = pairs.slice(start, start + most)
    const ours = await here.window(Uint32Array.from(some, (pair) => pair.here))
    const theirs = await there.window(Uint32Array.from(some, (pair) => pair.there))
    for (const [i, pair] of some.entries()) {
      if (pair.here === last || !areEqual(ours, theirs, i)) continue
      last = pair.here
      count += 1
      first ??= { here: sourceRowOf(ours, i), there: sourceRowOf(theirs, i) }
    }
    here.release(ours)
    there.release(theirs)
  }
  return { count, ...(first && { first }) }
}

/** The pairs of rows whose hashes are the same, by ascending rows of `here`. */
async function likelyPairs(here: RowSet, there: RowSet): Promise<Pair[]> {
  const hashesHere = new Int32Array(here.rows)
  for await (const { start, hashes } of hashesOf(here)) hashesHere.set(hashes, start)
  const wanted = new Set(hashesHere)
  const places = new Map<number, number[]>()
  for await (const { start, hashes } of hashesOf(there)) {
    for (const [i, hash] of hashes.entries()) {
      if (!wanted.has(hash)) continue
      const known = places.get(hash)
      if (!known) places.set(hash, [start + i])
      else if (known.length < MOST_SAME) known.push(start + i)
    }
  }
  const pairs: Pair[] = []
  for (const [row, hash] of hashesHere.entries()) {
    for (const place of places.get(hash) ?? []) pairs.push({ here: row, there: place })
  }
  return pairs
}

/** The hashes of all rows, window by window. */
async function* hashesOf(set: RowSet): AsyncGenerator<{ start: number; hashes: Int32Array }> {
  let start = 0
  for await (const { encoded } of windowsOf(set, inOrder)) {
    yield { start, hashes: hashRows(encoded) }
    start += encoded.rows
  }
}

/** FNV-1a over whole numbers, one hash a row. */
function hashRows(encoded: EncodedRows): Int32Array {
  const result = new Int32Array(encoded.rows).fill(0x811c9dc5 | 0)
  for (const { data } of [...encoded.inputs, ...encoded.targets]) {
    const words = wordsOf(data, encoded.rows)
    const size = words.length / (encoded.rows || 1)
    for (let row = 0; row < encoded.rows; row++) {
      let hash = result[row] ?? 0
      for (let i = row * size; i < (row + 1) * size; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193)
      result[row] = hash ^ (hash >>> 15)
    }
  }
  return result
}

/** The numbers' bits, four bytes at once where a row has so many. */
function wordsOf(data: Float32Array | Uint8Array | Int32Array, rows: number): Int32Array | Uint8Array {
  const isWhole = data.byteOffset % 4 === 0 && (data.byteLength / (rows || 1)) % 4 === 0
  if (isWhole) return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** Whether the rows at this position of two windows have the same inputs and targets. */
function areEqual(a: RowWindow, b: RowWindow, position: number): boolean {
  const [left, right] = [a.encoded, b.encoded].map(({ inputs, targets }) => [...inputs, ...targets])
  const [rowA, rowB] = [a.order[position] ?? 0, b.order[position] ?? 0]
  return (left ?? []).every(({ data }, i) => {
    const other = right?.[i]?.data
    const size = data.length / a.encoded.rows
    for (let k = 0; k < size; k++) if (data[rowA * size + k] !== other?.[rowB * size + k]) return false
    return true
  })
}

/** The row of the table that the row at a position of a window is. */
function sourceRowOf({ encoded, order }: RowWindow, position: number): number {
  return encoded.sourceRow[order[position] ?? 0] ?? 0
}
