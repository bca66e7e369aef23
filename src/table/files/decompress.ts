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
  try {
    const first = await beginning(iterator)
    const format = formatOf(first.value)
    const whole = startingWith(first, iterator)
    yield* format ? expanded(whole, format, name) : whole
  } finally {
    // Here, not in `startingWith`, which a stream that fails at once never starts.
    await iterator.return?.()
  }
}

async function* startingWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value
}

async function* expanded(
  pieces: AsyncIterable<Uint8Array>,
  format: Format,
  name: string,
): AsyncGenerator<Uint8Array> {
  let packed = 0
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      packed += piece.length
      yield piece
    }
  }
  let size = 0
  try {
    for await (const piece of transformed(counted(), await decompressor(format, name))) {
      size += piece.length
      if (size > SMALL && size > packed * MOST_INFLATION) {
        throw new DataError(
          `${name}: ${packed.toLocaleString('en-US')} compressed bytes expand to more than ${MOST_INFLATION} times as many: the file is damaged, or made to fill the memory`,
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

type Format = 'gzip' | 'zstd'

function formatOf([a, b, c, d]: Uint8Array): Format | undefined {
  if (a === 0x1f && b === 0x8b) return 'gzip'
  return a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd ? 'zstd' : undefined
}

async function decompressor(format: Format, name: string): Promise<Transform> {
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

function damaged(name: string, format: Format, cause: unknown): DataError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const what = why === 'unexpected end of file' ? 'is truncated' : 'is damaged'
  return new DataError(`${name}: the ${format === 'gzip' ? 'gzipped' : 'Zstandard'} file ${what} (${why})`, {
    cause,
  })
}
