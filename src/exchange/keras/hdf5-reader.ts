// Reads the HDF5 files that Keras writes: old-style groups, arrays in one piece or in chunks (HDF5 File Format Specification
// Version 3.0, sections II.A, III.A to III.D and IV.A). Sizes come from the file, so that whatever they say stays within its
// bytes.

import { RunError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { readAttribute, readShape } from './hdf5-attributes.ts'
import { Hdf5Bytes } from './hdf5-bytes.ts'
import { readChunks } from './hdf5-chunks.ts'

/** An array of a file. */
export type Hdf5Numbers = { readonly shape: Shape; readonly data: Float32Array }

/** By paths; those of groups end with a slash, that of the file is empty. */
export type Hdf5Contents = {
  readonly arrays: ReadonlyMap<string, Hdf5Numbers>
  /** Attributes that are texts, or lists of texts, by their names. */
  readonly texts: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
/** Place of the symbol table entry of the root group, in the superblock. */
const ROOT = 56
/** Levels of groups and trees. */
const MOST_LEVELS = 64

const DATASPACE = 0x01
const LINK_INFO = 0x02
const DATATYPE = 0x03
const LAYOUT = 0x08
const FILTERS = 0x0b
const ATTRIBUTE = 0x0c
const CONTINUATION = 0x10
const SYMBOL_TABLE = 0x11

/** The arrays and the texts of a file; `name` begins the messages. */
export function readHdf5(bytes: Uint8Array, name: string): Hdf5Contents {
  if (!isHdf5(bytes)) throw new RunError(`${name} is not an HDF5 file`)
  try {
    const reader = new Hdf5Reader(new Hdf5Bytes(bytes, name))
    reader.readObject(ROOT, '', 0)
    return reader
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new RunError(`${name} is damaged: it points outside itself`, { cause })
  }
}

export function isHdf5(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte)
}

type Message = { readonly type: number; readonly at: number }

class Hdf5Reader implements Hdf5Contents {
  readonly arrays = new Map<string, Hdf5Numbers>()
  readonly texts = new Map<string, Map<string, readonly string[]>>()
  readonly #file: Hdf5Bytes

  constructor(file: Hdf5Bytes) {
    this.#file = file
    const [version, offsetBytes, lengthBytes] = [8, 13, 14].map((at) => file.view.getUint8(at))
    if (version !== 0 || offsetBytes !== 8 || lengthBytes !== 8) throw file.unknown('its superblock')
  }

  /** Reads what a symbol table entry leads to. */
  readObject(entry: number, path: string, level: number): void {
    const messages = this.#messages(this.#file.visit(this.#file.address(entry + 8)))
    const group = messages.find(({ type }) => type === SYMBOL_TABLE)
    if (messages.some(({ type }) => type === LINK_INFO))
      throw this.#file.unknown(`the group ${path}, as of names beyond ASCII,`)
    const place = group && path !== '' ? `${path}/` : path
    this.#readTexts(messages, place)
    if (group) this.#readGroup(group.at, place, level + 1)
    else if (messages.some(({ type }) => type === LAYOUT))
      this.arrays.set(path, this.#readArray(messages, path))
  }

  /** Reads what is below a group, given by the addresses of its tree and, after that, its heap. */
  #readGroup(at: number, path: string, level: number): void {
    if (level > MOST_LEVELS) throw this.#file.damaged('its groups are nested too deeply')
    const [tree, heap] = [this.#file.address(at), this.#file.address(at + 8)]
    const names = this.#file.address(heap + 24)
    for (const entry of this.#entries(tree, 0)) {
      const name = this.#file.textAt(names + this.#file.address(entry))
      this.readObject(entry, `${path}${name}`, level)
    }
  }

  #readTexts(messages: readonly Message[], path: string): void {
    for (const { type, at } of messages) {
      const attribute = type === ATTRIBUTE ? readAttribute(this.#file, at) : undefined
      if (attribute === undefined) continue
      const texts = this.texts.get(path) ?? new Map<string, readonly string[]>()
      this.texts.set(path, texts.set(attribute.name, attribute.texts))
    }
  }

  /** The places of the entries of the symbol nodes below a node of a tree. */
  *#entries(at: number, level: number): Generator<number> {
    const { view } = this.#file
    this.#file.visit(at)
    if (level > MOST_LEVELS) throw this.#file.damaged('its trees are too deep')
    if (this.#file.text(at, 4) === 'SNOD') {
      const count = view.getUint16(at + 6, true)
      for (let i = 0; i < count; i++) yield at + 8 + 40 * i
      return
    }
    if (this.#file.text(at, 4) !== 'TREE') throw this.#file.damaged('a tree is broken')
    const count = view.getUint16(at + 6, true)
    for (let i = 0; i < count; i++) yield* this.#entries(this.#file.address(at + 32 + 16 * i), level + 1)
  }

  /** The messages of a version 1 object header, those in its continuations too. */
  #messages(at: number): Message[] {
    const { view } = this.#file
    if (view.getUint8(at) !== 1) throw this.#file.unknown('an object header')
    const count = view.getUint16(at + 2, true)
    const blocks = [{ start: at + 16, length: view.getUint32(at + 8, true) }]
    const messages: Message[] = []
    for (const { start, length } of blocks) {
      for (let next = start; next + 8 <= start + length && messages.length < count;) {
        const type = view.getUint16(next, true)
        if (type === CONTINUATION)
          blocks.push({ start: this.#file.address(next + 8), length: this.#file.address(next + 16) })
        this.#file.spend(8)
        messages.push({ type, at: next + 8 })
        next += 8 + view.getUint16(next + 2, true)
      }
    }
    return messages
  }

  #readArray(messages: readonly Message[], path: string): Hdf5Numbers {
    const { view, bytes } = this.#file
    const placeOf = (wanted: number): number | undefined => messages.find(({ type }) => type === wanted)?.at
    const place = (wanted: number): number => {
      const found = placeOf(wanted)
      if (found === undefined) throw this.#file.damaged(`${path} has no message ${wanted}`)
      return found
    }
    const [layout, space, type] = [place(LAYOUT), place(DATASPACE), place(DATATYPE)]
    const layoutClass = view.getUint8(layout + 1)
    if (view.getUint8(layout) !== 3 || (layoutClass !== 1 && layoutClass !== 2))
      throw this.#file.unknown(`the layout of ${path}`)
    const shape = readShape(this.#file, space)
    const count = sizeOf(shape)
    const numbers = this.#numberReader(type, path)
    // An array without elements has no address.
    if (count === 0) return { shape, data: new Float32Array() }
    if (layoutClass === 2) {
      const data = readChunks(this.#file, layout, placeOf(FILTERS), { shape, itemBytes: numbers.bytes })
      return { shape, data: numbers.read(new DataView(data.buffer), 0, count) }
    }
    const address = this.#file.address(layout + 2)
    this.#file.spend(count * numbers.bytes)
    if (!(address + count * numbers.bytes <= bytes.length)) throw new RangeError(`${path} ends too late`)
    return { shape, data: numbers.read(view, address, count) }
  }

  #numberReader(at: number, path: string): NumberReader {
    const { view } = this.#file
    const [kind = 0, order = 0] = [view.getUint8(at) & 15, view.getUint8(at + 1) & 1]
    const bytes = view.getUint32(at + 4, true)
    const one = order === 0 ? readers.get(`${kind}/${bytes}`) : undefined
    if (one === undefined) throw this.#file.unknown(`the type of ${path}`)
    return {
      bytes,
      read: (data, start, count) =>
        Float32Array.from({ length: count }, (_, i) => one(data, start + i * bytes)),
    }
  }
}

type NumberReader = {
  readonly bytes: number
  readonly read: (data: DataView, start: number, count: number) => Float32Array
}

/** By the class of the type, 1 for floats and 0 for whole numbers, and its bytes. */
const readers: ReadonlyMap<string, (data: DataView, at: number) => number> = new Map([
  ['1/4', (data, at) => data.getFloat32(at, true)],
  ['1/8', (data, at) => data.getFloat64(at, true)],
  ['0/4', (data, at) => data.getInt32(at, true)],
  ['0/8', (data, at) => Number(data.getBigInt64(at, true))],
])
