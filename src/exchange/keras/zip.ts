// The ZIP format (PKWARE APPNOTE 6.3): files as they are, without compression.
import { crc32 } from 'node:zlib'

/** 1 January 1980, the first date that the format has: the same bytes whenever they are written. */
const DATE = 0x0021
const MOST_BYTES = 0xffffffff

/** An archive of files, each given in parts, as parts in their order. */
export function zipFile(files: ReadonlyMap<string, readonly Uint8Array[]>): Uint8Array[] {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const [name, contents] of files) {
    const size = contents.reduce((total, part) => total + part.length, 0)
    const crc = contents.reduce((sum, part) => crc32(part, sum), 0)
    const entry = headerOf(name, size, crc)
    const local = Buffer.concat([signature(0x04034b50), entry, Buffer.from(name)])
    directory.push(signature(0x02014b50), version(), entry, position(offset), Buffer.from(name))
    parts.push(local, ...contents)
    offset += local.length + size
  }
  const directoryBytes = directory.reduce((total, part) => total + part.length, 0)
  if (offset + directoryBytes > MOST_BYTES) throw new RangeError(`an archive of ${offset} bytes needs ZIP64`)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.size, 8)
  end.writeUInt16LE(files.size, 10)
  end.writeUInt32LE(directoryBytes, 12)
  end.writeUInt32LE(offset, 16)
  return [...parts, ...directory, end]
}

/** The common part of a file's own header and of its entry in the directory. */
function headerOf(name: string, size: number, crc: number): Buffer {
  const header = Buffer.alloc(26)
  header.writeUInt16LE(20, 0)
  header.writeUInt16LE(DATE, 8)
  header.writeUInt32LE(crc, 10)
  header.writeUInt32LE(size, 14)
  header.writeUInt32LE(size, 18)
  header.writeUInt16LE(Buffer.byteLength(name), 22)
  return header
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** The version of the format that wrote the archive: 2.0. */
function version(): Buffer {
  return Buffer.from([20, 0])
}

/** The rest of an entry of the directory: no comment, the first disk, no attributes, the place of the file. */
function position(offset: number): Buffer {
  const bytes = Buffer.alloc(14)
  bytes.writeUInt32LE(offset, 10)
  return bytes
}
