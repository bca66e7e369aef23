// The ZIP format (PKWARE APPNOTE 6.3), the part that NumPy writes: stored or deflated, with 64-bit sizes, not encrypted.
import { DataError } from '../../errors.ts'
import { transformed } from '../files/decompress.ts'
import { chunksOf } from '../files/file.ts'
import type { RandomAccess } from '../files/file.ts'

const END = 0x06054b50
const END_64 = 0x06064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const SATURATED = 0xffffffff

/** The end of the archive, with the longest comment, and the end of a 64-bit directory before it. */
const MOST_END = 22 + 0xffff + 20
const LOCAL_BYTES = 30
/** The longest list of entries that is read. */
const MOST_DIRECTORY = 2 ** 26

/** The most bytes that a deflated byte expands to. */
const MOST_INFLATION = 1032

export type ZipEntry = {
  name: string
  /** Its decompressed bytes; damage is detected at the end at the latest. */
  bytes(): AsyncIterable<Uint8Array>
}

/** The files of an archive; `name` begins the messages. */
export async function zipEntries(file: RandomAccess, name: string): Promise<ZipEntry[]> {
  try {
    const { position, count } = await findDirectory(file, name)
    const directory = await file.read(position, position + MOST_DIRECTORY)
    return Array.from(entriesIn(directory, count, name), (entry) => ({
      name: entry.name,
      bytes: () => unpack(file, { ...entry, name: `${name}: ${entry.name}` }),
    }))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw damaged(name, 'its directory points outside the file', cause)
  }
}

/** Finds the list of entries from the end of the file. */
async function findDirectory(file: RandomAccess, name: string): Promise<{ position: number; count: number }> {
  const start = Math.max(0, file.size - MOST_END)
  const view = viewOf(await file.read(start, file.size))
  for (let end = view.byteLength - 22; end >= 0; end--) {
    if (view.getUint32(end, true) !== END) continue
    const count = view.getUint16(end + 10, true)
    const position = view.getUint32(end + 16, true)
    if (position !== SATURATED && count !== 0xffff) return { position, count }
    const end64 = Number(view.getBigUint64(end - 20 + 8, true))
    const directory = viewOf(await file.read(end64, end64 + 56))
    if (directory.getUint32(0, true) !== END_64) throw damaged(name, 'its directory is broken')
    return {
      count: Number(directory.getBigUint64(32, true)),
      position: Number(directory.getBigUint64(48, true)),
    }
  }
  throw new DataError(
    `${name}: this is not a zip archive, or it is truncated: it has no directory at its end`,
  )
}

type DirectoryEntry = {
  name: string
  isEncrypted: boolean
  method: number
  crc: number
  size: number
  packed: number
  offset: number
}

function* entriesIn(directory: Uint8Array, count: number, name: string): Generator<DirectoryEntry> {
  const view = viewOf(directory)
  let position = 0
  for (; count > 0; count--) {
    if (view.getUint32(position, true) !== ENTRY) throw damaged(name, 'its directory is broken')
    const nameLength = view.getUint16(position + 28, true)
    const extraLength = view.getUint16(position + 30, true)
    const commentLength = view.getUint16(position + 32, true)
    const extra = position + 46 + nameLength
    const [size = 0, packed = 0, offset = 0] = sizes(view, position, extra, extra + extraLength)
    yield {
      name: new TextDecoder().decode(directory.subarray(position + 46, extra)),
      isEncrypted: (view.getUint16(position + 8, true) & 1) === 1,
      method: view.getUint16(position + 10, true),
      crc: view.getUint32(position + 16, true),
      size,
      packed,
      offset,
    }
    position = extra + extraLength + commentLength
  }
}

/** Size, packed size and offset; those that do not fit into 32 bits stand in an extra field. */
function sizes(view: DataView, position: number, extraStart: number, extraEnd: number): number[] {
  const values = [24, 20, 42].map((offset) => view.getUint32(position + offset, true))
  let field = extraStart
  while (field + 4 <= extraEnd && view.getUint16(field, true) !== 1)
    field += 4 + view.getUint16(field + 2, true)
  let next = field + 4
  return values.map((value) => {
    if (value !== SATURATED || next + 8 > extraEnd) return value
    next += 8
    return Number(view.getBigUint64(next - 8, true))
  })
}

async function* unpack(
  file: RandomAccess,
  { name, isEncrypted, method, crc, size, packed, offset }: DirectoryEntry,
): AsyncGenerator<Uint8Array> {
  if (isEncrypted) throw new DataError(`${name} is encrypted`)
  if (method !== 0 && method !== 8)
    throw new DataError(`${name}: compression method ${method} is not supported, only deflate`)
  const local = viewOf(await file.read(offset, offset + LOCAL_BYTES))
  if (local.byteLength < LOCAL_BYTES || local.getUint32(0, true) !== LOCAL)
    throw damaged(name, 'it does not start where the directory says')
  const start = offset + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true)
  if (start + packed > file.size) throw damaged(name, 'it ends too soon')
  if (size > (packed + 64) * MOST_INFLATION) throw damaged(name, `it cannot hold ${size} bytes`)
  const { crc32 } = await import('node:zlib')
  const content = chunksOf(file, start, start + packed)
  let length = 0
  let found = 0
  for await (const piece of method === 8 ? inflate(content, name) : content) {
    length += piece.length
    if (length > size) throw damaged(name, `it holds more than ${size} bytes`)
    found = crc32(piece, found)
    yield piece
  }
  if (length !== size) throw damaged(name, `it holds ${length} bytes instead of ${size}`)
  if (found !== crc) throw damaged(name, 'its checksum is wrong')
}

async function* inflate(content: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const { createInflateRaw } = await import('node:zlib')
  try {
    yield* transformed(content, createInflateRaw({ chunkSize: 2 ** 18 }))
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw damaged(name, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function damaged(name: string, why: string, cause?: unknown): DataError {
  return new DataError(`${name}: the archive is damaged: ${why}`, { cause })
}
