import { crc32, deflateRawSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import { zipEntries } from '../../../src/table/formats/zip.ts'

const FILES: Readonly<Record<string, Buffer>> = {
  'a.txt': Buffer.from('first '.repeat(20)),
  'größe.txt': Buffer.from('second'),
  // Read piece by piece.
  'large.txt': Buffer.from('third '.repeat(100_000)),
}

/** What an archive says of a file, where that is not the truth. */
type Claims = {
  readonly flags?: number
  readonly method?: number
  readonly size?: number
  readonly packed?: number
  readonly crc?: number
  readonly offset?: number
}

type ArchiveOptions = {
  readonly wide?: boolean
  readonly method?: number
  readonly comment?: string
  readonly claims?: Claims
}

/** Little-endian numbers, each as its bytes and its value. */
function fields(...values: (readonly [bytes: 2 | 4 | 8, value: number])[]): Buffer {
  return Buffer.concat(
    values.map(([bytes, value]) => {
      const field = Buffer.alloc(8)
      field.writeBigUInt64LE(BigInt(value))
      return field.subarray(0, bytes)
    }),
  )
}

const TIME = [4, 0] as const
/** An extra field of another kind, of three bytes. */
const EXTRA = Buffer.concat([fields([2, 0x5455], [2, 3]), Buffer.alloc(3)])
const SATURATED = 0xffffffff

/** An archive of the files with 64-bit numbers or not, deflated or stored, and a comment. */
function archive({ wide = false, method = 8, comment = '', claims = {} }: ArchiveOptions = {}): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(FILES)) {
    const data = method === 8 ? deflateRawSync(content) : content
    const said = {
      flags: 0,
      method,
      size: content.length,
      packed: data.length,
      crc: crc32(content),
      offset,
      ...claims,
    }
    const [own, small] = [Buffer.from(name), wide ? SATURATED : undefined]
    const local = fields([4, 0x04034b50], [2, 20], [2, 0], [2, method], TIME, [4, 0], [4, 0], [4, 0])
    parts.push(local, fields([2, own.length], [2, EXTRA.length]), own, EXTRA, data)
    const sizes = fields([2, 1], [2, 24], [8, said.size], [8, said.packed], [8, said.offset])
    const further = wide ? Buffer.concat([EXTRA, sizes]) : EXTRA
    directory.push(
      fields([4, 0x02014b50], [2, 20], [2, 20], [2, said.flags], [2, said.method], TIME, [4, said.crc]),
      fields(
        [4, small ?? said.packed],
        [4, small ?? said.size],
        [2, own.length],
        [2, further.length],
        [2, 2],
      ),
      fields([2, 0], [2, 0], [4, 0], [4, small ?? said.offset]),
      own,
      further,
      Buffer.from('ok'),
    )
    offset += local.length + 4 + own.length + EXTRA.length + data.length
  }
  const entries = Buffer.concat(directory)
  const end64 = fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, 9], [8, 3])
  const wideEnd = Buffer.concat([
    end64,
    fields([8, entries.length], [8, offset]),
    fields([4, 0x07064b50], [4, 0], [8, offset + entries.length], [4, 1]),
  ])
  const [count, place] = wide ? [0xffff, SATURATED] : [3, offset]
  const end = fields([4, 0x06054b50], [4, 0], [2, 9], [2, count], [4, entries.length], [4, place])
  const last = Buffer.concat([end, fields([2, comment.length]), Buffer.from(comment)])
  return Buffer.concat([...parts, entries, ...(wide ? [wideEnd] : []), last])
}

/** An archive of which only the last bytes are left as they were. */
function withoutDirectory(bytes: Buffer, kept: number): Buffer {
  return Buffer.concat([Buffer.alloc(bytes.length - kept), bytes.subarray(-kept)])
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  bytes[bytes.length + at] = byte
  return bytes
}

async function contentsOf(bytes: Buffer): Promise<Record<string, string>> {
  const file = {
    size: bytes.length,
    read: (start: number, end: number) => Promise.resolve(Uint8Array.from(bytes.subarray(start, end))),
    close: () => Promise.resolve(),
  }
  const contents: Record<string, string> = {}
  for (const { name, bytes: piecesOf } of await zipEntries(file, 'a.zip')) {
    const pieces: Uint8Array[] = []
    for await (const piece of piecesOf()) pieces.push(piece)
    contents[name] = Buffer.concat(pieces).toString()
  }
  return contents
}

const WHOLE = Object.fromEntries(Object.entries(FILES).map(([name, content]) => [name, content.toString()]))

describe('a zip archive', () => {
  it.each([
    ['deflated', {}],
    ['stored', { method: 0 }],
    ['with 64-bit numbers', { wide: true }],
    ['with a comment', { comment: 'made by hand'.repeat(100) }],
    ['with the longest comment', { comment: 'x'.repeat(0xffff) }],
  ])('is read: %s', async (_title, options) => {
    expect(await contentsOf(archive(options))).toEqual(WHOLE)
  })

  it('is read where only its number of files, or only the place of its directory, has 64 bits', async () => {
    const [few, near] = [archive({ wide: true }), archive({ wide: true })]
    few.writeUInt16LE(3, few.length - 12)
    near.copy(near, near.length - 6, near.length - 50, near.length - 46)
    for (const bytes of [few, near]) expect(await contentsOf(bytes)).toEqual(WHOLE)
  })

  it('may have no files', async () => {
    expect(await contentsOf(fields([4, 0x06054b50], [8, 0], [8, 0], [2, 0]))).toEqual({})
  })

  it.each([
    ['encrypted', { flags: 1 }, 'a.txt is encrypted'],
    ['of another method', { method: 9 }, 'compression method 9 is not supported'],
    ['with a file elsewhere', { offset: 1 }, 'it does not start where the directory says'],
    ['with a file beyond its end', { offset: 1e6 }, 'it does not start where the directory says'],
    ['that ends within a file', { packed: 1e6, size: 1 }, 'it ends too soon'],
    ['of more than it can hold', { size: 1e7 }, 'it cannot hold 10000000 bytes'],
    ['with a file larger than it says', { size: 5 }, 'it holds more than 5 bytes'],
    ['with a file smaller than it says', { size: 121 }, 'it holds 120 bytes instead of 121'],
    ['with other contents', { crc: 1 }, 'its checksum is wrong'],
  ])('is refused: %s', async (_title, claims, reason) => {
    for (const wide of [false, true])
      await expect(contentsOf(archive({ claims, wide }))).rejects.toThrow(reason)
  })

  it.each([
    ['what is none', Buffer.from('text'), 'this is not a zip archive'],
    ['one that was cut off', archive().subarray(0, -1), 'this is not a zip archive'],
    ['an empty one', Buffer.alloc(0), 'this is not a zip archive'],
    ['one whose directory is gone', withoutDirectory(archive(), 22), 'its directory is broken'],
    [
      'a wide one whose end is gone',
      withoutDirectory(archive({ wide: true }), 42),
      'its directory is broken',
    ],
    ['one with fewer files than it says', withByte(archive(), -12, 9), 'its directory is broken'],
    ['one with its directory elsewhere', withByte(archive(), -4, 9), 'its directory points outside the file'],
  ])('is refused: %s', async (_title, bytes, reason) => {
    await expect(contentsOf(bytes)).rejects.toThrow(reason)
  })
})
