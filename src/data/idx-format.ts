// The IDX format: two zero bytes, a type code, the number of dimensions, each length as a big-endian uint32, then the
// numbers, big-endian, last dimension fastest (Y. LeCun, C. Cortes and C. Burges, "The MNIST database").
import { DataError } from '../errors.ts'
import { errorCode } from './file.ts'
import { sizeOf } from './table.ts'
import type { ArrayColumn } from './table.ts'

type Values = ArrayColumn['values']
type NumberType = { bytes: number; read(data: DataView, length: number): Values }

/** More bytes than this are refused before memory is taken for them. */
const MOST_BYTES = 2 ** 31

/** A deflated byte stands for at most 1,032 bytes, so a header that announces more is wrong. */
const MOST_INFLATION = 1032

/** The longest header: 255 dimensions. */
const LONGEST_HEADER = 4 + 4 * 255

const numberTypes = new Map<number, NumberType>([
  [0x08, { bytes: 1, read: (data, length) => new Uint8Array(data.buffer, data.byteOffset, length) }],
  [0x09, { bytes: 1, read: (data, length) => Int32Array.from({ length }, (_, i) => data.getInt8(i)) }],
  [0x0b, { bytes: 2, read: (data, length) => Int32Array.from({ length }, (_, i) => data.getInt16(i * 2)) }],
  [0x0c, { bytes: 4, read: (data, length) => Int32Array.from({ length }, (_, i) => data.getInt32(i * 4)) }],
  [
    0x0d,
    { bytes: 4, read: (data, length) => Float32Array.from({ length }, (_, i) => data.getFloat32(i * 4)) },
  ],
  [
    0x0e,
    { bytes: 8, read: (data, length) => Float64Array.from({ length }, (_, i) => data.getFloat64(i * 8)) },
  ],
])

/** Decodes a whole IDX file, plain or gzipped; `name` begins the messages. */
export async function parseIdx(file: Uint8Array, name: string): Promise<{ shape: number[]; values: Values }> {
  const isCompressed = file[0] === 0x1f && file[1] === 0x8b
  const start = isCompressed ? await gunzipStart(file, name) : file
  const { type, shape, headerBytes } = parseHeader(start, name)
  if (sizeOf(shape) === 0)
    throw new DataError(`${name}: the file holds nothing: its shape is ${shape.join(' x ')}`)
  const wanted = headerBytes + sizeOf(shape) * type.bytes
  if (wanted > MOST_BYTES) {
    throw new DataError(`${name}: the header announces ${describe(shape, wanted)}; at most 2 GB can be read`)
  }
  const bytes = isCompressed ? await gunzip(file, wanted, shape, name) : file
  if (bytes.length !== wanted) {
    const state = bytes.length < wanted ? 'is truncated' : 'is too long'
    throw new DataError(
      `${name}: the file ${state}: the header announces ${describe(shape, wanted)}, but there are ${count(bytes.length)}`,
    )
  }
  const data = new DataView(bytes.buffer, bytes.byteOffset + headerBytes, bytes.length - headerBytes)
  return { shape, values: type.read(data, sizeOf(shape)) }
}

function parseHeader(
  bytes: Uint8Array,
  name: string,
): { type: NumberType; shape: number[]; headerBytes: number } {
  const [zero, zeroToo, code = 0, dimensions = 0] = bytes
  if (bytes.length < 4)
    throw new DataError(`${name}: the file is too short to be an IDX file: ${count(bytes.length)}`)
  const type = numberTypes.get(code)
  if (zero !== 0 || zeroToo !== 0 || !type || dimensions === 0) {
    const magic = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
    throw new DataError(
      `${name}: this is not an IDX file: it begins with ${magic}, while images begin with 00 00 08 03 and labels with 00 00 08 01`,
    )
  }
  const headerBytes = 4 + 4 * dimensions
  if (bytes.length < headerBytes) throw new DataError(`${name}: the file ends inside its header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return { type, headerBytes, shape: Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i)) }
}

/** Enough of the decompressed bytes for the header. */
async function gunzipStart(file: Uint8Array, name: string): Promise<Uint8Array> {
  const { constants, gunzipSync } = await import('node:zlib')
  try {
    const start = gunzipSync(file.subarray(0, 4 * LONGEST_HEADER), { finishFlush: constants.Z_SYNC_FLUSH })
    return start.subarray(0, LONGEST_HEADER)
  } catch (cause) {
    throw damaged(name, cause)
  }
}

async function gunzip(file: Uint8Array, wanted: number, shape: number[], name: string): Promise<Uint8Array> {
  if (wanted > (file.length + 64) * MOST_INFLATION) {
    throw new DataError(
      `${name}: the file is truncated: its ${count(file.length)} cannot hold the ${describe(shape, wanted)} that the header announces`,
    )
  }
  const { gunzipSync } = await import('node:zlib')
  try {
    // One output buffer that never fills up: nothing is copied, and a longer content is noticed.
    return gunzipSync(file, { maxOutputLength: wanted, chunkSize: wanted + 64 })
  } catch (cause) {
    if (errorCode(cause) !== 'ERR_BUFFER_TOO_LARGE') throw damaged(name, cause)
    throw new DataError(
      `${name}: the file is too long: it holds more than the ${describe(shape, wanted)} announced`,
      {
        cause,
      },
    )
  }
}

function damaged(name: string, cause: unknown): DataError {
  const what = errorCode(cause) === 'Z_BUF_ERROR' ? 'is truncated' : 'is damaged'
  const why = cause instanceof Error ? cause.message : String(cause)
  return new DataError(`${name}: the gzipped file ${what} (${why})`, { cause })
}

function describe(shape: readonly number[], bytes: number): string {
  return `${shape.join(' x ')} numbers in ${count(bytes)}`
}

function count(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} bytes`
}
