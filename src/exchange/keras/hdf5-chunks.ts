// Arrays of HDF5 files in chunks, which may be compressed (HDF5 File Format Specification Version 3.0, sections III.A.1,
// IV.A.2.i and IV.A.2.l).
import { inflateSync } from 'node:zlib'

import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { MOST_EXPANSION } from './hdf5-bytes.ts'
import type { Hdf5Bytes } from './hdf5-bytes.ts'

const DEFLATE = 1
const SHUFFLE = 2
const CHECKSUM = 3
const CHECKSUM_BYTES = 4
const MOST_LEVELS = 64

/** The bytes of an array, given by the places of its layout and its filters, which are undefined where it has none. */
export function readChunks(
  file: Hdf5Bytes,
  layout: number,
  filters: number | undefined,
  { shape, itemBytes }: { readonly shape: Shape; readonly itemBytes: number },
): Uint8Array {
  const { view } = file
  const rank = view.getUint8(layout + 2) - 1
  if (rank !== shape.length) throw file.damaged('an array and its chunks have different axes')
  const chunk = shape.map((_, i) => view.getUint32(layout + 11 + 4 * i, true))
  const total = sizeOf(shape) * itemBytes
  const most = MOST_EXPANSION * file.bytes.length
  if (!(total <= most && sizeOf(chunk) * itemBytes <= most && sizeOf(chunk) > 0))
    throw file.damaged('an array is larger than its file can hold')
  const kinds = filters === undefined ? [] : filterKinds(file, filters)
  file.spend(total)
  const result = new Uint8Array(total)
  for (const { at, bytes, skipped, offset } of chunksBelow(
    file,
    file.visit(file.address(layout + 3)),
    rank,
    0,
  )) {
    const stored = file.bytes.subarray(at, at + bytes)
    const used = kinds.filter((_, i) => ((skipped >> i) & 1) === 0)
    file.spend(sizeOf(chunk) * itemBytes)
    const data = unfiltered(file, stored, used, itemBytes, sizeOf(chunk) * itemBytes)
    copyChunk(data, result, { shape, chunk, offset, itemBytes })
  }
  return result
}

type Chunk = {
  readonly at: number
  readonly bytes: number
  /** Bits of filters that were not applied. */
  readonly skipped: number
  readonly offset: Shape
}

function* chunksBelow(file: Hdf5Bytes, at: number, rank: number, level: number): Generator<Chunk> {
  const { view } = file
  if (level > MOST_LEVELS || file.text(at, 4) !== 'TREE' || view.getUint8(at + 4) !== 1)
    throw file.damaged('a tree of chunks is broken')
  const isLeaf = view.getUint8(at + 5) === 0
  const keyBytes = 8 + 8 * (rank + 1)
  for (let i = 0; i < view.getUint16(at + 6, true); i++) {
    const key = at + 24 + i * (keyBytes + 8)
    const child = file.visit(file.address(key + keyBytes))
    if (!isLeaf) yield* chunksBelow(file, child, rank, level + 1)
    else
      yield {
        at: child,
        bytes: view.getUint32(key, true),
        skipped: view.getUint32(key + 4, true),
        offset: Array.from({ length: rank }, (_, axis) =>
          Number(view.getBigUint64(key + 8 + 8 * axis, true)),
        ),
      }
  }
}

/** The filters in the order in which they were applied. */
function filterKinds(file: Hdf5Bytes, at: number): number[] {
  const { view } = file
  const version = view.getUint8(at)
  let next = at + (version === 1 ? 8 : 2)
  return Array.from({ length: view.getUint8(at + 1) }, () => {
    const kind = view.getUint16(next, true)
    if (kind !== DEFLATE && kind !== SHUFFLE && kind !== CHECKSUM)
      throw file.unknown(`the filter ${kind} of an array`)
    // Names of filters that the library knows are left out in version 2.
    const hasName = version === 1 || kind >= 256
    const nameBytes = hasName ? Math.ceil(view.getUint16(next + 2, true) / 8) * 8 : 0
    const values = view.getUint16(next + (hasName ? 6 : 4), true)
    const padding = version === 1 && values % 2 === 1 ? 4 : 0
    next += (hasName ? 8 : 6) + nameBytes + 4 * values + padding
    return kind
  })
}

function unfiltered(
  file: Hdf5Bytes,
  stored: Uint8Array,
  kinds: readonly number[],
  itemBytes: number,
  wanted: number,
): Uint8Array {
  let data = stored
  for (const kind of kinds.toReversed()) {
    if (kind === CHECKSUM) data = data.subarray(0, Math.max(0, data.length - CHECKSUM_BYTES))
    else if (kind === DEFLATE) data = inflated(file, data, wanted + CHECKSUM_BYTES)
    else data = unshuffled(data, itemBytes)
  }
  if (data.length !== wanted) throw file.damaged('a chunk has another size than its array says')
  return data
}

function inflated(file: Hdf5Bytes, data: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return inflateSync(data, { maxOutputLength })
  } catch {
    throw file.damaged('a chunk cannot be decompressed')
  }
}

/** The first bytes of all items come first, then their second bytes ... */
function unshuffled(data: Uint8Array, itemBytes: number): Uint8Array {
  const items = Math.floor(data.length / itemBytes)
  const result = new Uint8Array(data.length)
  for (let byte = 0; byte < itemBytes; byte++)
    for (let item = 0; item < items; item++) result[item * itemBytes + byte] = data[byte * items + item] ?? 0
  return result
}

type ChunkPlace = {
  readonly shape: Shape
  readonly chunk: Shape
  readonly offset: Shape
  readonly itemBytes: number
}

/** Copies the part of a chunk that lies within the array, one run of the last axis after the other. */
function copyChunk(
  data: Uint8Array,
  result: Uint8Array,
  { shape, chunk, offset, itemBytes }: ChunkPlace,
): void {
  const kept = shape.map((length, axis) => Math.min(chunk[axis] ?? 0, length - (offset[axis] ?? 0)))
  if (kept.some((length) => length <= 0)) return
  const run = (kept.at(-1) ?? 1) * itemBytes
  const runs = sizeOf(kept.slice(0, -1))
  for (let i = 0; i < runs; i++) {
    let [rest, from, to, fromSize, toSize] = [i, 0, 0, 1, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const isLast = axis === shape.length - 1
      const at = isLast ? 0 : rest % (kept[axis] ?? 1)
      if (!isLast) rest = Math.floor(rest / (kept[axis] ?? 1))
      from += at * fromSize
      to += (at + (offset[axis] ?? 0)) * toSize
      fromSize *= chunk[axis] ?? 1
      toSize *= shape[axis] ?? 1
    }
    result.set(data.subarray(from * itemBytes, from * itemBytes + run), to * itemBytes)
  }
}
