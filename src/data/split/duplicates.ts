import { warningAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { Table } from '../../table/table.ts'
import { counted } from '../../wording.ts'
import type { EncodedRows } from '../rows/encoded-rows.ts'
import { inOrder } from '../rows/in-order.ts'
import { windowsOf } from '../rows/row-set.ts'
import type { RowSet, RowWindow } from '../rows/row-set.ts'

/** Encoded rows of a split with the table that they come from. */
export type TracedRows = { table: Table; set: RowSet }

/** Rows of a split that are training rows, too. */
export type RepeatedRows = {
  readonly count: number
  /** All rows of the split. */
  readonly rows: number
  /** The place of one of them, and that of its twin. */
  readonly here: string
  readonly there: string
}

/** Warnings of test rows that are also trained on: one, or none. */
export async function sharedWarnings(train: TracedRows, test: TracedRows): Promise<Problem[]> {
  const found = await sharedRows(train, test)
  if (!found) return []
  const { count, rows, here, there } = found
  return [
    warningAtKey(
      'shared-rows',
      ['data', 'split'],
      `${counted(count, 'row')} of the ${rows} in the test split ${count === 1 ? 'is' : 'are'} in the training split too, such as ${here} and ${there}: rows that the model has seen say little about new ones`,
    ),
  ]
}

/** Rows of a split with the inputs and targets of a training row; undefined where there are none. */
export async function sharedRows(train: TracedRows, other: TracedRows): Promise<RepeatedRows | undefined> {
  const { count, first } = await equalRows(other.set, train.set)
  if (!first) return undefined
  const [here, there] = [other.table.place(first.here), train.table.place(first.there)]
  return { count, rows: other.set.rows, here, there }
}

/** A row of one set and a row of another. */
type RowPair = { here: number; there: number }

/** Maximum pairs compared at once. */
const MAX_PAIRS = 2 ** 14
/** Maximum rows of the same hash that a row is compared with. */
const MAX_SAME_HASH = 16

/** Number of rows of `here` with the inputs and targets of a row of `there`, and the first such pair, as rows of the tables. */
async function equalRows(here: RowSet, there: RowSet): Promise<{ count: number; first?: RowPair }> {
  const pairs = await likelyPairs(here, there)
  const most = Math.min(MAX_PAIRS, here.windowRows, there.windowRows)
  let count = 0
  let last: number | undefined
  let first: RowPair | undefined
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

/** Pairs of rows with the same hash, by ascending rows of `here`. */
async function likelyPairs(here: RowSet, there: RowSet): Promise<RowPair[]> {
  const hashesHere = new Int32Array(here.rows)
  for await (const { start, hashes } of hashesOf(here)) hashesHere.set(hashes, start)
  const wanted = new Set(hashesHere)
  const places = new Map<number, number[]>()
  for await (const { start, hashes } of hashesOf(there)) {
    for (const [i, hash] of hashes.entries()) {
      if (!wanted.has(hash)) continue
      const known = places.get(hash)
      if (!known) places.set(hash, [start + i])
      else if (known.length < MAX_SAME_HASH) known.push(start + i)
    }
  }
  const pairs: RowPair[] = []
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

/** The bits of the numbers, four bytes at once where the bytes of a row allow it. */
function wordsOf(data: Float32Array | Uint8Array | Int32Array, rows: number): Int32Array | Uint8Array {
  const isWhole = data.byteOffset % 4 === 0 && (data.byteLength / (rows || 1)) % 4 === 0
  if (isWhole) return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** True if the rows at this position of two windows have the same inputs and targets. */
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

/** The table row of the row at a position of a window. */
function sourceRowOf({ encoded, order }: RowWindow, position: number): number {
  return encoded.sourceRow[order[position] ?? 0] ?? 0
}
