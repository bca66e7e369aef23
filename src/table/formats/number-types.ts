import { halfPrecision } from '../../half-precision.ts'
import type { ArrayColumn } from '../table.ts'

type Read = (data: DataView, offset: number, isLittle: boolean) => number

/** The encoding of a number in `bytes` bytes of a file, and the kind of array that holds it in memory. */
export type NumberType = { bytes: number; read: Read; like: keyof typeof arrays }

const arrays = { bytes: Uint8Array, ints: Int32Array, floats: Float32Array, doubles: Float64Array }

/** Number types by their names in NumPy: booleans, unsigned and signed whole numbers, floats. */
export const numberTypes: Readonly<Record<string, NumberType>> = {
  b1: { bytes: 1, like: 'bytes', read: (data, at) => data.getUint8(at) },
  u1: { bytes: 1, like: 'bytes', read: (data, at) => data.getUint8(at) },
  i1: { bytes: 1, like: 'ints', read: (data, at) => data.getInt8(at) },
  u2: { bytes: 2, like: 'ints', read: (data, at, little) => data.getUint16(at, little) },
  i2: { bytes: 2, like: 'ints', read: (data, at, little) => data.getInt16(at, little) },
  u4: { bytes: 4, like: 'doubles', read: (data, at, little) => data.getUint32(at, little) },
  i4: { bytes: 4, like: 'ints', read: (data, at, little) => data.getInt32(at, little) },
  u8: { bytes: 8, like: 'doubles', read: (data, at, little) => Number(data.getBigUint64(at, little)) },
  i8: { bytes: 8, like: 'doubles', read: (data, at, little) => Number(data.getBigInt64(at, little)) },
  f2: { bytes: 2, like: 'floats', read: (data, at, little) => halfPrecision(data.getUint16(at, little)) },
  f4: { bytes: 4, like: 'floats', read: (data, at, little) => data.getFloat32(at, little) },
  f8: { bytes: 8, like: 'doubles', read: (data, at, little) => data.getFloat64(at, little) },
}

/** The bytes of a number in memory. */
export function heldBytes({ like }: NumberType): number {
  return arrays[like].BYTES_PER_ELEMENT
}

/** Reads `size` numbers; `order` is the position of each in the data, where that is not its own. */
export function readValues(
  data: DataView,
  { bytes, read, like }: NumberType,
  size: number,
  isLittle: boolean,
  order?: Uint32Array,
): ArrayColumn['values'] {
  if (like === 'bytes' && !order) return new Uint8Array(data.buffer, data.byteOffset, size)
  const result = new arrays[like](size)
  for (let i = 0; i < size; i++) result[i] = read(data, (order ? (order[i] ?? 0) : i) * bytes, isLittle)
  return result
}
