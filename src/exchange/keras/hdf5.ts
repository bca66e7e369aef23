// The HDF5 file format (HDF5 File Format Specification Version 3.0), the part that every reader knows since 1.0: a version 0
// superblock, groups with symbol tables, contiguous little-endian arrays.

import { bytesOf } from '../../bytes-of.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'

/** An array: float32, or int64 where the data is. */
export type Hdf5Array = { readonly shape: Shape; readonly data: Float32Array | BigInt64Array }
export type Hdf5Group = ReadonlyMap<string, Hdf5Group | Hdf5Array>

const SUPERBLOCK_BYTES = 96
/** Entries of a symbol node. */
const NODE_ENTRIES = 8
/** "No address". */
const NONE = -1

/** An HDF5 file, as parts in their order. */
export function hdf5File(root: Hdf5Group): Uint8Array[] {
  const file = new FileWriter(Math.max(16, Math.ceil(largestGroup(root) / NODE_ENTRIES / 2)))
  return file.finish(file.addGroup(root))
}

function largestGroup(group: Hdf5Group): number {
  return Math.max(
    group.size,
    ...Array.from(group.values(), (item) => (isGroup(item) ? largestGroup(item) : 0)),
  )
}

function isGroup(item: Hdf5Group | Hdf5Array): item is Hdf5Group {
  return item instanceof Map
}

type GroupAddresses = { readonly header: number; readonly tree: number; readonly heap: number }

class FileWriter {
  readonly #parts: Uint8Array[] = []
  #end = SUPERBLOCK_BYTES
  /** Half the children of a node of a tree: one node is enough for the largest group. */
  readonly #halfTree: number

  constructor(halfTree: number) {
    this.#halfTree = halfTree
  }

  /** Section III.A and V of the specification: a tree of symbol nodes, a heap of names, an object header with both. */
  addGroup(group: Hdf5Group): GroupAddresses {
    // By the bytes of their names, which are ASCII.
    const names = [...group.keys()].sort()
    const headers = names.map((name) => this.#addItem(group.get(name)))
    const offsets: number[] = []
    let heapBytes = 8
    for (const name of names) {
      offsets.push(heapBytes)
      heapBytes += aligned(name.length + 1)
    }
    const segment = new Uint8Array(heapBytes)
    names.forEach((name, i) => segment.set(Buffer.from(name, 'latin1'), offsets[i]))
    const heap = this.#add(
      joined(ascii('HEAP'), fields([1, 0], [3, 0], [8, heapBytes], [8, 1], [8, this.#end + 32]), segment),
    )
    const nodes: { address: number; last: number }[] = []
    for (let first = 0; first < names.length; first += NODE_ENTRIES) {
      const entries = headers.slice(first, first + NODE_ENTRIES)
      const node = new Uint8Array(8 + 40 * NODE_ENTRIES)
      node.set(joined(ascii('SNOD'), fields([1, 1], [1, 0], [2, entries.length])))
      entries.forEach((header, i) => node.set(fields([8, offsets[first + i] ?? 0], [8, header]), 8 + 40 * i))
      nodes.push({ address: this.#add(node), last: offsets[first + entries.length - 1] ?? 0 })
    }
    const tree = new Uint8Array(24 + 8 * (4 * this.#halfTree + 1))
    const keys = nodes.flatMap(({ address, last }) => [[8, address] as const, [8, last] as const])
    tree.set(
      joined(ascii('TREE'), fields([1, 0], [1, 0], [2, nodes.length], [8, NONE], [8, NONE], [8, 0], ...keys)),
    )
    const treeAddress = this.#add(tree)
    const header = this.#addHeader([{ type: SYMBOL_TABLE, body: fields([8, treeAddress], [8, heap]) }])
    return { header, tree: treeAddress, heap }
  }

  finish({ header, tree, heap }: GroupAddresses): Uint8Array[] {
    const superblock = joined(
      Uint8Array.of(0x89, ...ascii('HDF\r\n'), 0x1a, 0x0a),
      fields([4, 0], [1, 0], [1, 8], [1, 8], [1, 0], [2, NODE_ENTRIES / 2], [2, this.#halfTree], [4, 0]),
      fields([8, 0], [8, NONE], [8, this.#end], [8, NONE]),
      fields([8, 0], [8, header], [4, 1], [4, 0], [8, tree], [8, heap]),
    )
    return [superblock, ...this.#parts]
  }

  #addItem(item: Hdf5Group | Hdf5Array | undefined): number {
    if (item === undefined) throw new Error('a group lists what it does not have')
    return isGroup(item) ? this.addGroup(item).header : this.#addDataset(item)
  }

  #addDataset({ shape, data }: Hdf5Array): number {
    if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for [${shape.join(', ')}]`)
    const address = this.#add(bytesOf(data))
    return this.#addHeader([
      {
        type: DATASPACE,
        body: fields([1, 1], [1, shape.length], [6, 0], ...shape.map((length) => [8, length] as const)),
      },
      { type: DATATYPE, body: data instanceof Float32Array ? FLOAT32 : INT64 },
      // Space is taken when it is written; no fill value.
      { type: FILL_VALUE, body: fields([1, 2], [1, 2], [1, 2], [1, 0]) },
      { type: LAYOUT, body: fields([1, 3], [1, 1], [8, address], [8, data.byteLength]) },
    ])
  }

  /** A version 1 object header. */
  #addHeader(messages: readonly { readonly type: number; readonly body: Uint8Array }[]): number {
    const blocks = messages.map(({ type, body }) => {
      const padded = new Uint8Array(aligned(body.length))
      padded.set(body)
      return joined(fields([2, type], [2, padded.length], [4, 0]), padded)
    })
    const content = joined(...blocks)
    return this.#add(
      joined(fields([1, 1], [1, 0], [2, messages.length], [4, 1], [4, content.length], [4, 0]), content),
    )
  }

  /** Appends bytes at a multiple of 8; returns their address. */
  #add(bytes: Uint8Array): number {
    const address = this.#end
    const padding = aligned(bytes.length) - bytes.length
    this.#parts.push(bytes)
    if (padding > 0) this.#parts.push(new Uint8Array(padding))
    this.#end += bytes.length + padding
    return address
  }
}

const DATASPACE = 0x01
const DATATYPE = 0x03
const FILL_VALUE = 0x05
const LAYOUT = 0x08
const SYMBOL_TABLE = 0x11

/** IEEE 754 binary32: sign at bit 31, 8 bits of exponent from bit 23 with a bias of 127, 23 of mantissa. */
const FLOAT32 = fields(
  [1, 0x11],
  [3, 0x1f20],
  [4, 4],
  [2, 0],
  [2, 32],
  [1, 23],
  [1, 8],
  [1, 0],
  [1, 23],
  [4, 127],
)
/** Signed, 64 bits. */
const INT64 = fields([1, 0x10], [3, 0x08], [4, 8], [2, 0], [2, 64])

/** Little-endian integers, each as its number of bytes and its value. */
function fields(...values: (readonly [bytes: number, value: number])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([bytes, value]) => {
      const whole = BigInt(value)
      return Array.from({ length: bytes }, (_, i) => Number((whole >> BigInt(8 * i)) & 0xffn))
    }),
  )
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
