// NumPy's .npy format, versions 1 to 3 (NEP 1): a magic string, the length of a header, the header as a Python
// dictionary of descr, fortran_order and shape, and the numbers.
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { ByteReader } from '../files/byte-reader.ts'
import type { ArrayColumn, NumberColumn } from '../table.ts'
import { heldBytes, numberTypes, readValues } from './number-types.ts'
import type { NumberType } from './number-types.ts'

type Values = ArrayColumn['values']

/** The longest header that is read. */
const LONGEST_HEADER = 2 ** 20

/** The largest array in Fortran's order, which is transposed in memory. */
const MOST_TRANSPOSED = 2 ** 31

/** Bytes of a string in memory besides its letters. */
const STRING_BYTES = 32

/** One array as a column whose rows are its first axis; `name` begins the messages. */
export async function npyReader(file: ByteReader, column: string, name: string): Promise<ColumnReader> {
  const header = await readHeader(file, name)
  const { type, shape } = header
  if (shape.length === 0) throw new DataError(`${name}: expected an array of rows, got a single number`)
  if (sizeOf(shape) === 0)
    throw new DataError(`${name}: the array is empty: its shape is ${shape.join(' x ')}`)
  const array = { file, header, column, name }
  const number = numberTypes[type]
  if (number) return numberReader(array, number)
  const [, letter, length = '0'] = /^([US])(\d+)$/.exec(type) ?? []
  if (Number(length) > 0) return stringReader(array, letter === 'U', Number(length))
  throw new DataError(
    `${name}: arrays of NumPy's type ${type} are not supported, only numbers, booleans and strings`,
    type === 'O' ? { hint: 'objects are Python code: convert the array before it is saved' } : {},
  )
}

/** An array whose header was read. */
type OpenArray = { file: ByteReader; header: Header; column: string; name: string }

function stringReader(array: OpenArray, isUnicode: boolean, length: number): ColumnReader {
  const { header, column, name } = array
  const [rows = 0, ...rowShape] = header.shape
  if (rowShape.length > 0) throw new DataError(`${name}: an array of strings must have one string per row`)
  const width = length * (isUnicode ? 4 : 1)
  const { take, ...others } = restOf(array, width)
  return {
    rows,
    rowBytes: STRING_BYTES + width,
    async read(count) {
      const data = await take(count)
      const values = Array.from({ length: count }, (_, row) =>
        stringAt(data, row * width, width, isUnicode, header.isLittle),
      )
      return { kind: 'string', name: column, values }
    },
    ...others,
  }
}

function numberReader(array: OpenArray, number: NumberType): ColumnReader {
  const { header, column, name } = array
  const { shape, isLittle } = header
  const [rows = 0, ...rowShape] = shape
  const size = sizeOf(rowShape)
  const isTransposed = header.isFortran && rowShape.length > 0
  if (isTransposed && rows * size * number.bytes > MOST_TRANSPOSED) {
    throw new DataError(`${name}: its first axis is fastest (Fortran's order), and it is larger than 2 GB`, {
      hint: 'save it with numpy.ascontiguousarray, whose rows can be read one by one',
    })
  }
  const { take, ...others } = restOf(array, size * number.bytes)
  const next = isTransposed
    ? transposed(take, number, shape, isLittle)
    : async (count: number): Promise<Values> => readValues(await take(count), number, count * size, isLittle)
  return {
    rows,
    rowBytes: rowShape.length > 0 ? size * heldBytes(number) : 8,
    async read(count) {
      const values = await next(count)
      if (rowShape.length > 0) return { kind: 'array', name: column, shape: rowShape, values }
      return numbersOf(column, Float64Array.from(values))
    },
    ...others,
  }
}

type Rest = Pick<ColumnReader, 'finish'> & {
  /** The bytes of the next rows. */
  take(count: number): Promise<DataView>
}

/** The rows after the header, of `rowBytes` bytes each. */
function restOf({ file, header: { shape }, name }: OpenArray, rowBytes: number): Rest {
  const start = file.taken
  const [rows = 0] = shape
  return {
    async take(count) {
      const bytes = await file.take(count * rowBytes)
      if (bytes.length === count * rowBytes) return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      throw new DataError(
        `${name}: the array is truncated: its header announces ${shape.join(' x ')} numbers in ${(rows * rowBytes).toLocaleString('en-US')} bytes, but there are ${(file.taken - start).toLocaleString('en-US')}`,
      )
    },
    async finish() {
      if (!(await file.hasMore())) return
      throw new DataError(
        `${name}: the array is too long: there are bytes after the ${shape.join(' x ')} numbers that its header announces`,
      )
    },
  }
}

function numbersOf(name: string, values: Float64Array): NumberColumn {
  const row = values.findIndex((value) => Math.abs(value) === Infinity)
  return { kind: 'number', name, values, ...(row >= 0 && { invalid: { row, text: String(values[row]) } }) }
}

type Header = { type: string; isLittle: boolean; isFortran: boolean; shape: number[] }

async function readHeader(file: ByteReader, name: string): Promise<Header> {
  const start = await file.take(8)
  const magic = Buffer.from(start.subarray(0, 6)).toString('latin1')
  const isOld = start[6] === 1
  const lengthBytes = await file.take(isOld ? 2 : 4)
  if (magic !== '\x93NUMPY' || lengthBytes.length < (isOld ? 2 : 4))
    throw new DataError(`${name}: this is not an .npy file`)
  const view = new DataView(lengthBytes.buffer, lengthBytes.byteOffset, lengthBytes.length)
  const length = isOld ? view.getUint16(0, true) : view.getUint32(0, true)
  const bytes = await file.take(Math.min(length, LONGEST_HEADER))
  if (bytes.length < length) throw new DataError(`${name}: the file ends inside its header`)
  const header = new TextDecoder('latin1').decode(bytes)
  const [, order = '', type = ''] = /'descr': *'([<>|=])([a-zA-Z]\d*)'/.exec(header) ?? []
  const [, isFortran] = /'fortran_order': *(True|False)/.exec(header) ?? []
  const [, dimensions] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? []
  if (type === '' || isFortran === undefined || dimensions === undefined) {
    throw new DataError(
      `${name}: its header is not that of an array of numbers or strings: ${header.trim().slice(0, 100)}`,
    )
  }
  const shape = (dimensions.match(/\d+/g) ?? []).map(Number)
  if (shape.length > 32)
    throw new DataError(`${name}: an array of ${shape.length} axes; NumPy has at most 32`)
  return { type, isLittle: order !== '>', isFortran: isFortran === 'True', shape }
}

/** Reads rows of an array whose first axis is fastest: they are scattered, so that all of it is read into memory. */
function transposed(
  take: Rest['take'],
  number: NumberType,
  shape: readonly number[],
  isLittle: boolean,
): (count: number) => Promise<Values> {
  const [rows = 0, ...rowShape] = shape
  let all: Promise<Values> | undefined
  let row = 0
  return async (count) => {
    all ??= take(rows).then((data) => readValues(data, number, sizeOf(shape), isLittle, fortranOrder(shape)))
    const start = row
    row += count
    return (await all).subarray(start * sizeOf(rowShape), (start + count) * sizeOf(rowShape))
  }
}

/** The position of each element, counted with the last axis fastest, in an array whose first axis is fastest. */
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

/** Decodes a string padded with zeros: UTF-32, or bytes. */
function stringAt(
  data: DataView,
  start: number,
  width: number,
  isUnicode: boolean,
  isLittle: boolean,
): string {
  let text = ''
  for (let i = 0; i < width; i += isUnicode ? 4 : 1) {
    const code = isUnicode ? data.getUint32(start + i, isLittle) : data.getUint8(start + i)
    if (code === 0) break
    text += code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
  }
  return text
}
