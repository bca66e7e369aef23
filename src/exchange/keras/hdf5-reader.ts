// Reads the HDF5 files that Keras writes: old-style groups, arrays in one piece (HDF5 File Format Specification Version 3.0,
// sections II.A, III.A to III.D and IV.A). Sizes come from the file, so that whatever they say stays within its bytes.

import { RunError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'

/** An array of a file. */
export type Hdf5Numbers = { readonly shape: Shape; readonly data: Float32Array }

const SIGNATURE = '\x89HDF\r\n\x1a\n'
/** Place of the addresses of the tree and the heap of the root group, in the superblock. */
const ROOT_ADDRESSES = 80
/** Levels of groups and trees. */
const MOST_LEVELS = 64
/** Objects of one file. */
const MOST_OBJECTS = 2 ** 20

/** The arrays of a file by their paths; `name` begins the messages. */
export function readHdf5(bytes: Uint8Array, name: string): Map<string, Hdf5Numbers> {
  try {
    const reader = new Hdf5Reader(bytes, name)
    const found = new Map<string, Hdf5Numbers>()
    reader.readGroup(ROOT_ADDRESSES, '', found, 0)
    return found
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new RunError(`${name} is damaged: it points outside itself`, { cause })
  }
}

type Message = { readonly type: number; readonly at: number }

class Hdf5Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #name: string
  #objects = 0

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#name = name
    if (this.#text(0, 8) !== SIGNATURE) throw new RunError(`${name} is not an HDF5 file`)
    const [version, offsetBytes, lengthBytes] = [8, 13, 14].map((at) => this.#view.getUint8(at))
    if (version !== 0 || offsetBytes !== 8 || lengthBytes !== 8) throw this.#unknown('its superblock')
  }

  /** An address or a length. */
  address(at: number): number {
    const value = Number(this.#view.getBigUint64(at, true))
    if (value <= this.#bytes.length) return value
    throw new RangeError(`${value} is beyond the end`)
  }

  /** Adds the arrays below a group, given by the addresses of its tree and, after that, its heap. */
  readGroup(at: number, path: string, found: Map<string, Hdf5Numbers>, level: number): void {
    if (level > MOST_LEVELS) throw this.#damaged('its groups are nested too deeply')
    const [tree, heap] = [this.address(at), this.address(at + 8)]
    const names = this.address(heap + 24)
    for (const entry of this.#entries(tree, 0)) {
      const inner = `${path}${this.#nameAt(names + this.address(entry))}`
      this.#readObject(this.address(entry + 8), inner, found, level)
    }
  }

  #readObject(at: number, path: string, found: Map<string, Hdf5Numbers>, level: number): void {
    this.#objects += 1
    if (this.#objects > MOST_OBJECTS) throw this.#damaged('it has too many objects')
    const messages = this.#messages(at)
    const group = messages.find(({ type }) => type === 0x11)
    if (group) this.readGroup(group.at, `${path}/`, found, level + 1)
    else if (messages.some(({ type }) => type === 0x08)) found.set(path, this.#readArray(messages, path))
  }

  /** The places of the entries of the symbol nodes below a node of a tree. */
  *#entries(at: number, level: number): Generator<number> {
    if (level > MOST_LEVELS) throw this.#damaged('its trees are too deep')
    if (this.#text(at, 4) === 'SNOD') {
      const count = this.#view.getUint16(at + 6, true)
      for (let i = 0; i < count; i++) yield at + 8 + 40 * i
      return
    }
    if (this.#text(at, 4) !== 'TREE') throw this.#damaged('a tree is broken')
    const count = this.#view.getUint16(at + 6, true)
    for (let i = 0; i < count; i++) yield* this.#entries(this.address(at + 32 + 16 * i), level + 1)
  }

  /** The messages of a version 1 object header, those in its continuations too. */
  #messages(at: number): Message[] {
    if (this.#view.getUint8(at) !== 1) throw this.#unknown('an object header')
    const count = this.#view.getUint16(at + 2, true)
    const blocks = [{ start: at + 16, length: this.#view.getUint32(at + 8, true) }]
    const messages: Message[] = []
    for (const { start, length } of blocks) {
      for (let next = start; next + 8 <= start + length && messages.length < count;) {
        const type = this.#view.getUint16(next, true)
        if (type === 0x10) blocks.push({ start: this.address(next + 8), length: this.address(next + 16) })
        messages.push({ type, at: next + 8 })
        next += 8 + this.#view.getUint16(next + 2, true)
      }
    }
    return messages
  }

  #readArray(messages: readonly Message[], path: string): Hdf5Numbers {
    const place = (wanted: number): number => {
      const found = messages.find(({ type }) => type === wanted)
      if (found === undefined) throw this.#damaged(`${path} has no message ${wanted}`)
      return found.at
    }
    const [layout, space, type] = [place(0x08), place(0x01), place(0x03)]
    if (this.#view.getUint8(layout) !== 3 || this.#view.getUint8(layout + 1) !== 1) {
      throw new RunError(`${this.#name}: ${path} is compressed or in chunks, which nnlab does not read`, {
        hint: 'save the model again with Keras, which writes arrays in one piece',
      })
    }
    const version = this.#view.getUint8(space)
    const rank = this.#view.getUint8(space + 1)
    const lengths = space + (version === 1 ? 8 : 4)
    const shape = Array.from({ length: rank }, (_, i) =>
      Number(this.#view.getBigUint64(lengths + 8 * i, true)),
    )
    const count = sizeOf(shape)
    const read = this.#numberReader(type, path)
    // An array without elements has no address.
    if (count === 0) return { shape, data: new Float32Array() }
    const address = this.address(layout + 2)
    if (!(address + count * read.bytes <= this.#bytes.length)) throw new RangeError(`${path} ends too late`)
    return { shape, data: Float32Array.from({ length: count }, (_, i) => read.at(address + i * read.bytes)) }
  }

  #numberReader(at: number, path: string): { bytes: number; at: (place: number) => number } {
    const [kind = 0, order = 0] = [this.#view.getUint8(at) & 15, this.#view.getUint8(at + 1) & 1]
    const bytes = this.#view.getUint32(at + 4, true)
    const view = this.#view
    if (order === 0 && kind === 1 && bytes === 4)
      return { bytes, at: (place) => view.getFloat32(place, true) }
    if (order === 0 && kind === 1 && bytes === 8)
      return { bytes, at: (place) => view.getFloat64(place, true) }
    if (order === 0 && kind === 0 && bytes === 4) return { bytes, at: (place) => view.getInt32(place, true) }
    if (order === 0 && kind === 0 && bytes === 8)
      return { bytes, at: (place) => Number(view.getBigInt64(place, true)) }
    throw this.#unknown(`the type of ${path}`)
  }

  #nameAt(at: number): string {
    const end = this.#bytes.indexOf(0, at)
    if (end < 0) throw this.#damaged('a name does not end')
    return this.#text(at, end - at)
  }

  #text(at: number, length: number): string {
    return Buffer.from(this.#bytes.subarray(at, at + length)).toString('latin1')
  }

  #unknown(what: string): RunError {
    return new RunError(`${this.#name}: ${what} is of a version or kind that nnlab does not read`, {
      hint: 'save the model again with Keras 3',
    })
  }

  #damaged(why: string): RunError {
    return new RunError(`${this.#name} is damaged: ${why}`)
  }
}
