// NumPy's .npy format, versions 1 to 3 (NEP 1): a magic string, the length of a header, the header as a Python
// dictionary of descr, fortran_order and shape, and the numbers.
import { DataError } from '../errors.ts'
import { sizeOf } from './table.ts'
import type { ArrayColumn, Column, NumberColumn } from './table.ts'

type Values = ArrayColumn['values']
type Read = (data: DataView, offset: number, isLittle: boolean) => number

const readers: Record<string, { bytes: number; read: Read; like: 'bytes' | 'ints' | 'floats' | 'doubles' }> =
  {
    b1: { bytes: 1, like: 'bytes', read: (data, at) => data.getUint8(at) },
    u1: { bytes: 1, like: 'bytes', read: (data, at) => data.getUint8(at) },
    i1: { bytes: 1, like: 'ints', read: (data, at) => data.getInt8(at) },
    u2: { bytes: 2, like: 'ints', read: (data, at, little) => data.getUint16(at, little) },
    i2: { bytes: 2, like: 'ints', read: (data, at, little) => data.getInt16(at, little) },
    u4: { bytes: 4, like: 'doubles', read: (data, at, little) => data.getUint32(at, little) },
    i4: { bytes: 4, like: 'ints', read: (data, at, little) => data.getInt32(at, little) },
    u8: { bytes: 8, like: 'doubles', read: (data, at, little) => Number(data.getBigUint64(at, little)) },
    i8: { bytes: 8, like: 'doubles', read: (data, at, little) => Number(data.getBigInt64(at, little)) },
    f2: { bytes: 2, like: 'floats', read: (data, at, little) => half(data.getUint16(at, little)) },
    f4: { bytes: 4, like: 'floats', read: (data, at, little) => data.getFloat32(at, little) },
    f8: { bytes: 8, like: 'doubles', read: (data, at, little) => data.getFloat64(at, little) },
  }

/** One array as a column whose rows are its first axis; `name` begins the messages. */
export function parseNpy(file: Uint8Array, column: string, name: string): Column {
  const { order, type, isFortran, shape, start } = parseHeader(file, name)
  const [rows, ...rowShape] = shape
  if (rows === undefined) throw new DataError(`${name}: a single number; arrays of rows are wanted`)
  if (sizeOf(shape) === 0)
    throw new DataError(`${name}: the array holds nothing: its shape is ${shape.join(' x ')}`)
  const text = /^([US])(\d+)$/.exec(type)
  const width = text ? Number(text[2]) * (text[1] === 'U' ? 4 : 1) : readers[type]?.bytes
  if (width === undefined || width === 0) {
    throw new DataError(
      `${name}: arrays of NumPy's type ${type} are not read; numbers, booleans and texts are`,
      type === 'O' ? { hint: 'objects are Python code: convert the array before it is saved' } : {},
    )
  }
  const wanted = sizeOf(shape) * width
  const data = new DataView(file.buffer, file.byteOffset + start, file.length - start)
  if (data.byteLength !== wanted) {
    const state = data.byteLength < wanted ? 'is truncated' : 'is too long'
    throw new DataError(
      `${name}: the array ${state}: its header announces ${shape.join(' x ')} numbers in ${wanted.toLocaleString('en-US')} bytes, but there are ${data.byteLength.toLocaleString('en-US')}`,
    )
  }
  const isLittle = order !== '>'
  if (text) {
    if (rowShape.length > 0) throw new DataError(`${name}: an array of texts has one text a row`)
    const values = Array.from({ length: rows }, (_, row) =>
      textAt(data, row * width, width, text[1] === 'U', isLittle),
    )
    return { kind: 'text', name: column, values }
  }
  const values = readValues(data, type, shape, isFortran, isLittle)
  if (rowShape.length > 0) return { kind: 'array', name: column, shape: rowShape, values }
  return numbersOf(column, Float64Array.from(values))
}

function numbersOf(name: string, values: Float64Array): NumberColumn {
  const row = values.findIndex((value) => Math.abs(value) === Infinity)
  return { kind: 'number', name, values, ...(row >= 0 && { invalid: { row, text: String(values[row]) } }) }
}

type Header = { order: string; type: string; isFortran: boolean; shape: number[]; start: number }

function parseHeader(file: Uint8Array, name: string): Header {
  const magic = Buffer.from(file.buffer, file.byteOffset, Math.min(6, file.length)).toString('latin1')
  if (magic !== '\x93NUMPY' || file.length < 12) throw new DataError(`${name}: this is not an .npy file`)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const isOld = file[6] === 1
  const length = isOld ? view.getUint16(8, true) : view.getUint32(8, true)
  const start = (isOld ? 10 : 12) + length
  if (start > file.length) throw new DataError(`${name}: the file ends inside its header`)
  const header = new TextDecoder('latin1').decode(file.subarray(isOld ? 10 : 12, start))
  const [, order = '', type = ''] = /'descr': *'([<>|=])([a-zA-Z]\d*)'/.exec(header) ?? []
  const [, isFortran] = /'fortran_order': *(True|False)/.exec(header) ?? []
  const [, dimensions] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? []
  if (type === '' || isFortran === undefined || dimensions === undefined) {
    throw new DataError(
      `${name}: its header is not that of an array of numbers or texts: ${header.trim().slice(0, 100)}`,
    )
  }
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number)
  if (shape.length > 32)
    throw new DataError(`${name}: an array of ${shape.length} axes; NumPy has at most 32`)
  return { order, type, isFortran: isFortran === 'True', shape, start }
}

function readValues(
  data: DataView,
  type: string,
  shape: number[],
  isFortran: boolean,
  isLittle: boolean,
): Values {
  const size = sizeOf(shape)
  const reader = readers[type]
  if (!reader) return new Float64Array(0)
  const { bytes, read, like } = reader
  const order = isFortran && shape.length > 1 ? fortranOrder(shape) : undefined
  if (bytes === 1 && like === 'bytes' && !order) return new Uint8Array(data.buffer, data.byteOffset, size)
  const values = { bytes: Uint8Array, ints: Int32Array, floats: Float32Array, doubles: Float64Array }[like]
  const result = new values(size)
  for (let i = 0; i < size; i++) result[i] = read(data, (order ? (order[i] ?? 0) : i) * bytes, isLittle)
  return result
}

/** Where each element, counted with the last axis fastest, stands in an array whose first axis is fastest. */
function fortranOrder(shape: readonly number[]): Uint32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)))
  const index = shape.map(() => 0)
  return Uint32Array.from({ length: sizeOf(shape) }, (_, i) => {
    for (let axis = shape.length - 1; i > 0 && axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1
      index[axis] = next === shape[axis] ? 0 : next
      if (next !== shape[axis]) break
    }
    return index.reduce((sum, position, axis) => sum + position * (strides[axis] ?? 0), 0)
  })
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits >> 15 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** A text filled up with zeros: UTF-32, or bytes. */
function textAt(data: DataView, start: number, width: number, isUnicode: boolean, isLittle: boolean): string {
  let text = ''
  for (let i = 0; i < width; i += isUnicode ? 4 : 1) {
    const code = isUnicode ? data.getUint32(start + i, isLittle) : data.getUint8(start + i)
    if (code === 0) break
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  }
  return text
}
