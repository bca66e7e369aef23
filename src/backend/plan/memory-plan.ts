// The places of buffers: a buffer may take the place of another that is dead while it lives.

/** A block of memory in use from step `first` to step `last`, both included. */
export type MemoryBlock = { readonly bytes: number; readonly first: number; readonly last: number }

export const ALIGNMENT = 64

/** Bytes that a vector load at a buffer's last element, or the last vector of a loop, may reach beyond it. */
const READABLE = 64

/** Bytes of memory that elements take, with their padding. */
export function paddedBytes(bytes: number): number {
  return Math.ceil((bytes + READABLE) / ALIGNMENT) * ALIGNMENT
}

/**
 * The offset of each block and the end of all, from `base` on; the largest are placed first, each at the lowest place
 * that is free while it lives (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
 */
export function placeBlocks(
  blocks: readonly MemoryBlock[],
  base: number,
): { offsets: number[]; end: number } {
  const offsets = blocks.map(() => 0)
  const placed: { start: number; end: number; block: MemoryBlock }[] = []
  const start = Math.ceil(base / ALIGNMENT) * ALIGNMENT
  const order = [...blocks.entries()].sort(
    ([i, a], [j, b]) => b.bytes - a.bytes || a.first - b.first || i - j,
  )
  for (const [i, block] of order) {
    const size = paddedBytes(block.bytes)
    let offset = start
    for (const other of placed) {
      const together = other.block.first <= block.last && block.first <= other.block.last
      if (together && other.start < offset + size && offset < other.end) offset = other.end
    }
    offsets[i] = offset
    const at = placed.findIndex((other) => other.start > offset)
    placed.splice(at < 0 ? placed.length : at, 0, { start: offset, end: offset + size, block })
  }
  return { offsets, end: Math.max(start, ...placed.map(({ end }) => end)) }
}
