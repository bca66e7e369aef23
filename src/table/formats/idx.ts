// The IDX format: two zero bytes, a type code, the number of dimensions, each length as a big-endian uint32, then the
// numbers, big-endian, last dimension fastest (Y. LeCun, C. Cortes and C. Burges, "The MNIST database").
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { TableReading } from '../columns/reading.ts'
import { ByteReader } from '../files/byte-reader.ts'
import { readInTurn } from '../files/file.ts'
import type { Table } from '../table.ts'
import { heldBytes, numberTypes, readValues } from './number-types.ts'
import type { NumberType } from './number-types.ts'

/** The types of numbers by their codes. */
const codes = new Map([
  [0x08, numberTypes['u1']],
  [0x09, numberTypes['i1']],
  [0x0b, numberTypes['i2']],
  [0x0c, numberTypes['i4']],
  [0x0d, numberTypes['f4']],
  [0x0e, numberTypes['f8']],
])

/** An IDX file as a column whose rows are its first dimension; `name` begins the messages. */
export async function idxReader(file: ByteReader, column: string, name: string): Promise<ColumnReader> {
  const { type, shape } = await readHeader(file, name)
  if (sizeOf(shape) === 0)
    throw new DataError(`${name}: the file is empty: its shape is ${shape.join(' x ')}`)
  const [rows = 0, ...rowShape] = shape
  const size = sizeOf(rowShape)
  const wanted = file.taken + rows * size * type.bytes
  const announced = (): string => `${shape.join(' x ')} numbers in ${inBytes(wanted)}`
  return {
    rows,
    rowBytes: size * heldBytes(type),
    async read(count) {
      const bytes = await file.take(count * size * type.bytes)
      if (bytes.length < count * size * type.bytes) {
        throw new DataError(
          `${name}: the file is truncated: the header announces ${announced()}, but there are ${inBytes(file.taken)}`,
        )
      }
      const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      return {
        kind: 'array',
        name: column,
        shape: rowShape,
        values: readValues(data, type, count * size, false),
      }
    },
    async finish() {
      if (!(await file.hasMore())) return
      throw new DataError(`${name}: the file is too long: it holds more than the ${announced()} announced`)
    },
  }
}

async function readHeader(file: ByteReader, name: string): Promise<{ type: NumberType; shape: number[] }> {
  const magic = await file.take(4)
  const [zero, zeroToo, code = 0, dimensions = 0] = magic
  if (magic.length < 4)
    throw new DataError(`${name}: the file is too short to be an IDX file: ${inBytes(magic.length)}`)
  const type = codes.get(code)
  if (zero !== 0 || zeroToo !== 0 || !type || dimensions === 0) {
    const found = Array.from(magic, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    throw new DataError(
      `${name}: this is not an IDX file: it begins with ${found}, while images begin with 00 00 08 03 and labels with 00 00 08 01`,
    )
  }
  const lengths = await file.take(4 * dimensions)
  if (lengths.length < 4 * dimensions) throw new DataError(`${name}: the file ends inside its header`)
  const view = new DataView(lengths.buffer, lengths.byteOffset, lengths.length)
  return { type, shape: Array.from({ length: dimensions }, (_, i) => view.getUint32(4 * i)) }
}

function inBytes(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} bytes`
}

/** Reads images alone, or with the labels that belong to them. */
export async function readIdxPair(
  images: string,
  labels: string | undefined,
  reading: TableReading,
): Promise<Table> {
  const paths = { images, ...(labels !== undefined && { labels }) }
  const files: ByteReader[] = []
  const readers: ColumnReader[] = []
  try {
    for (const [column, path] of Object.entries(paths)) {
      const file = new ByteReader(await readInTurn(path, reading))
      files.push(file)
      readers.push(await idxReader(file, column, path))
    }
    const [rows, other = rows] = readers.map((reader) => reader.rows)
    if (rows !== other) throw new DataError(`${labels}: ${other} labels, but ${rows} images in ${images}`)
    const place = (row: number): string => `${images}: row ${row + 1}`
    return await readColumns({ name: images, place }, readers, reading.spool)
  } finally {
    for (const file of files) await file.close()
  }
}
