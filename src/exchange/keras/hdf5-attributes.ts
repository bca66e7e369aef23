// Attributes of HDF5 objects that hold texts (HDF5 File Format Specification Version 3.0, sections III.E and IV.A.2.m).
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import type { Hdf5Bytes } from './hdf5-bytes.ts'

const STRING = 3
const VARIABLE_LENGTH = 9
/** Texts of one attribute. */
const MOST_TEXTS = 2 ** 20

/** The texts of an attribute, given by the place of its message; undefined where it holds anything else. */
export function readAttribute(
  file: Hdf5Bytes,
  at: number,
): { readonly name: string; readonly texts: readonly string[] } | undefined {
  const { view } = file
  const version = view.getUint8(at)
  if (version < 1 || version > 3) return undefined
  const padded = (length: number): number => (version === 1 ? Math.ceil(length / 8) * 8 : length)
  const [nameBytes, typeBytes, spaceBytes] = [2, 4, 6].map((offset) => view.getUint16(at + offset, true))
  const start = at + (version === 3 ? 9 : 8)
  const type = start + padded(nameBytes ?? 0)
  const space = type + padded(typeBytes ?? 0)
  const data = space + padded(spaceBytes ?? 0)
  const count = sizeOf(readShape(file, space))
  const readText = textReader(file, type)
  if (readText === undefined || count > MOST_TEXTS) return undefined
  return { name: file.textAt(start), texts: Array.from({ length: count }, (_, i) => readText(data, i)) }
}

/** The lengths of the axes that a dataspace message tells. */
export function readShape({ view }: Hdf5Bytes, at: number): Shape {
  const lengths = at + (view.getUint8(at) === 1 ? 8 : 4)
  return Array.from({ length: view.getUint8(at + 1) }, (_, i) =>
    Number(view.getBigUint64(lengths + 8 * i, true)),
  )
}

/** Reads one of the texts that lie one after the other. */
function textReader(file: Hdf5Bytes, type: number): ((data: number, i: number) => string) | undefined {
  const { view } = file
  const kind = view.getUint8(type) & 15
  const size = view.getUint32(type + 4, true)
  if (kind === STRING) return (data, i) => file.text(data + i * size, size).replace(/[\0 ]+$/, '')
  // A sequence of characters, somewhere in a collection.
  if (kind !== VARIABLE_LENGTH || (view.getUint8(type + 1) & 15) !== 1 || size !== 16) return undefined
  return (data, i) => {
    const place = data + i * size
    const length = view.getUint32(place, true)
    return length === 0
      ? ''
      : file.text(objectIn(file, file.address(place + 4), view.getUint32(place + 12, true)), length)
  }
}

/** The place of an object in a global heap collection. */
function objectIn(file: Hdf5Bytes, collection: number, index: number): number {
  const { view } = file
  if (file.text(collection, 4) !== 'GCOL') throw file.damaged('a heap is broken')
  const end = collection + file.address(collection + 8)
  for (let at = collection + 16; at + 16 <= end;) {
    const found = view.getUint16(at, true)
    if (found === index) return at + 16
    file.spend(16)
    if (found === 0) break
    at += 16 + Math.ceil(file.address(at + 8) / 8) * 8
  }
  throw file.damaged('a heap lacks an object')
}
