// The ZIP format (PKWARE APPNOTE 6.3), as far as NumPy writes it: stored or deflated, with 64-bit sizes, not encrypted.
import { DataError } from '../errors.ts'

const END = 0x06054b50
const END_64 = 0x06064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const SATURATED = 0xffffffff

/** A deflated byte stands for at most so many. */
const MOST_INFLATION = 1032
/** More than this in one file, decompressed, is refused. */
const MOST_BYTES = 2 ** 31

export type ZipEntry = { name: string; bytes(): Promise<Uint8Array> }

/** The files of an archive, each decompressed and checked when it is asked for; `name` begins the messages. */
export function zipEntries(file: Uint8Array, name: string): ZipEntry[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  try {
    return [...entries(file, view, name)]
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw damaged(name, 'its directory points outside the file', cause)
  }
}

function* entries(file: Uint8Array, view: DataView, name: string): Generator<ZipEntry> {
  let { position, count } = directory(view, name)
  let total = 0
  for (; count > 0; count--) {
    if (view.getUint32(position, true) !== ENTRY) throw damaged(name, 'its directory is broken')
    const nameLength = view.getUint16(position + 28, true)
    const extraLength = view.getUint16(position + 30, true)
    const commentLength = view.getUint16(position + 32, true)
    const entryName = new TextDecoder().decode(file.subarray(position + 46, position + 46 + nameLength))
    const extra = position + 46 + nameLength
    const [size = 0, packed = 0, offset = 0] = sizes(view, position, extra, extra + extraLength)
    total += size
    if (total > MOST_BYTES) throw new DataError(`${name}: the archive announces more than 2 GB`)
    const isEncrypted = (view.getUint16(position + 8, true) & 1) === 1
    const method = view.getUint16(position + 10, true)
    const crc = view.getUint32(position + 16, true)
    yield {
      name: entryName,
      bytes: () => {
        if (isEncrypted) throw new DataError(`${name}: ${entryName} is encrypted`)
        return unpack(file, view, { name: `${name}: ${entryName}`, method, crc, size, packed, offset })
      },
    }
    position = extra + extraLength + commentLength
  }
}

/** Where the list of entries starts, found from the end of the file. */
function directory(view: DataView, name: string): { position: number; count: number } {
  for (let end = view.byteLength - 22; end >= Math.max(0, view.byteLength - 22 - 0xffff); end--) {
    if (view.getUint32(end, true) !== END) continue
    const count = view.getUint16(end + 10, true)
    const position = view.getUint32(end + 16, true)
    if (position !== SATURATED && count !== 0xffff) return { position, count }
    const end64 = Number(view.getBigUint64(end - 20 + 8, true))
    if (view.getUint32(end64, true) !== END_64) throw damaged(name, 'its directory is broken')
    return {
      count: Number(view.getBigUint64(end64 + 32, true)),
      position: Number(view.getBigUint64(end64 + 48, true)),
    }
  }
  throw new DataError(
    `${name}: this is not a zip archive, or it is truncated: it has no directory at its end`,
  )
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

type Packed = { name: string; method: number; crc: number; size: number; packed: number; offset: number }

async function unpack(
  file: Uint8Array,
  view: DataView,
  { name, method, crc, size, packed, offset }: Packed,
): Promise<Uint8Array> {
  if (offset + 30 > file.length || view.getUint32(offset, true) !== LOCAL)
    throw damaged(name, 'it does not start where the directory says')
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
  const content = file.subarray(start, start + packed)
  if (content.length < packed) throw damaged(name, 'it ends too soon')
  if (size > (packed + 64) * MOST_INFLATION) throw damaged(name, `it cannot hold ${size} bytes`)
  const { crc32, inflateRawSync } = await import('node:zlib')
  let bytes = content
  if (method === 8) {
    try {
      bytes = inflateRawSync(content, { maxOutputLength: Math.max(1, size) })
    } catch (cause) {
      throw damaged(name, cause instanceof Error ? cause.message : String(cause), cause)
    }
  } else if (method !== 0)
    throw new DataError(`${name}: compression method ${method} is not read; only deflate is`)
  if (bytes.length !== size) throw damaged(name, `it holds ${bytes.length} bytes instead of ${size}`)
  if (crc32(bytes) !== crc) throw damaged(name, 'its checksum is wrong')
  return bytes
}

function damaged(name: string, why: string, cause?: unknown): DataError {
  return new DataError(`${name}: the archive is damaged: ${why}`, { cause })
}
