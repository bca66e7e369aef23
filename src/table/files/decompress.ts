import { Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { DataError } from '../../errors.ts'

/** A file that expands more than this, and beyond a small size, is damaged or malicious. */
const MOST_INFLATION = 200
const SMALL = 2 ** 26

/** The bytes that identify a format. */
const MAGIC_BYTES = 4

/** Zstandard came with Node 22.15. */
type ZlibStreams = {
  createGunzip(options: { chunkSize: number }): Transform
  createZstdDecompress?(): Transform
}

/** Decompresses gzip and Zstandard files, which their first bytes identify; other files stay as they are. */
export async function* decompress(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  const first = await beginning(iterator)
  const whole = { bytes: 0 }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    let next: IteratorResult<Uint8Array> = first
    try {
      for (; next.done !== true; next = await iterator.next()) {
        whole.bytes += next.value.length
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  const format = formatOf(first.value)
  if (!format) {
    yield* all()
    return
  }
  const stream = await decompressor(format, name)
  let size = 0
  try {
    for await (const piece of transformed(all(), stream)) {
      size += piece.length
      if (size > SMALL && size > whole.bytes * MOST_INFLATION) {
        throw new DataError(
          `${name}: ${whole.bytes.toLocaleString('en-US')} compressed bytes expand to more than ${MOST_INFLATION} times as many: the file is damaged, or made to fill the memory`,
          { hint: 'if it is right, decompress it first' },
        )
      }
      yield piece
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw damaged(name, format, cause)
  }
}

/** Joins the first pieces until they identify the format: a slow writer may send byte by byte. */
async function beginning(pieces: AsyncIterator<Uint8Array>): Promise<IteratorYieldResult<Uint8Array>> {
  const first: Uint8Array[] = []
  for (let length = 0; length < MAGIC_BYTES;) {
    const next = await pieces.next()
    if (next.done === true) break
    first.push(next.value)
    length += next.value.length
  }
  const [only] = first
  return { value: only && first.length === 1 ? only : Buffer.concat(first) }
}

function formatOf([a, b, c, d]: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (a === 0x1f && b === 0x8b) return 'gzip'
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : undefined
}

async function decompressor(format: 'gzip' | 'zstd', name: string): Promise<Transform> {
  const zlib: ZlibStreams = await import('node:zlib')
  if (format === 'gzip') return zlib.createGunzip({ chunkSize: 2 ** 18 })
  if (zlib.createZstdDecompress) return zlib.createZstdDecompress()
  throw new DataError(`${name}: Zstandard files need Node 22.15 or newer`, { hint: 'decompress it first' })
}

/** Sends pieces through a stream. */
export function transformed(pieces: AsyncIterable<Uint8Array>, stream: Transform): AsyncIterable<Uint8Array> {
  // Any failure is also thrown where the stream is read.
  pipeline(Readable.from(pieces), stream).catch(() => undefined)
  return stream
}

function damaged(name: string, format: string, cause: unknown): DataError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const what = why === 'unexpected end of file' ? 'is truncated' : 'is damaged'
  return new DataError(`${name}: the ${format === 'gzip' ? 'gzipped' : 'Zstandard'} file ${what} (${why})`, {
    cause,
  })
}
