import { inOrder } from '../data/rows/in-order.ts'
import { stream } from '../random.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { permutationOfRows } from './permutation.ts'

/** The training rows at positions `first` up to `end` of an epoch. */
type EpochOrder = (first: number, end: number) => Uint32Array

/** The order of the training rows in an epoch, which depends on the seed, the epoch and the kind of shuffle only. */
export function epochOrder(
  seed: number,
  epoch: number,
  rows: number,
  shuffle: FitSpec['shuffle'],
): EpochOrder {
  if (shuffle === false) return inOrder
  if (shuffle !== true) return blockOrder(seed, epoch, rows, shuffle)
  const order = permutationOfRows(stream(seed, 'shuffle'), epoch, rows)
  return (first, end) => order.subarray(first, end)
}

/**
 * Blocks of consecutive rows in a random order; those that fill a buffer are mixed row by row, then come those that fill
 * the next one. Only the numbers of the blocks and of one buffer are in memory.
 */
function blockOrder(
  seed: number,
  epoch: number,
  rows: number,
  { block_size: size, buffer_size: buffer }: Exclude<FitSpec['shuffle'], boolean>,
): EpochOrder {
  const count = Math.ceil(rows / size)
  const blocks = permutationOfRows(stream(seed, 'shuffle/blocks'), epoch, count)
  const together = Math.max(1, Math.floor(buffer / size))
  /** The last block of the rows may lack some, and with it all buffers behind it. */
  const lacking = count * size - rows
  const short = Math.floor(blocks.indexOf(count - 1) / together)
  const startOf = (index: number): number => index * together * size - (index > short ? lacking : 0)
  let known: { index: number; rows: Uint32Array } = { index: -1, rows: new Uint32Array() }
  const rowsOf = (index: number): Uint32Array => {
    if (known.index !== index) known = { index, rows: mixed(index) }
    return known.rows
  }
  const mixed = (index: number): Uint32Array => {
    const found: number[] = []
    for (const block of blocks.subarray(index * together, (index + 1) * together)) {
      for (let row = block * size; row < Math.min(rows, (block + 1) * size); row++) found.push(row)
    }
    const order = permutationOfRows(stream(seed, `shuffle/rows/${index}`), epoch, found.length)
    return order.map((place) => found[place] ?? 0)
  }
  return (first, end) => {
    const order = new Uint32Array(end - first)
    for (let index = 0; startOf(index) < end && index * together < count; index++) {
      if (startOf(index + 1) <= first && (index + 1) * together < count) continue
      const start = startOf(index)
      const part = rowsOf(index).subarray(Math.max(0, first - start), Math.max(0, end - start))
      order.set(part, Math.max(0, start - first))
    }
    return order
  }
}
