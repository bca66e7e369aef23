// The binary version of CIFAR-10: a gzipped tar archive of batches; a row is a label and 1,024 red, green and blue bytes.
import { DataError } from '../../errors.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { TableReading } from '../columns/reading.ts'
import { ByteReader } from '../files/byte-reader.ts'
import { readChunks } from '../files/file.ts'
import type { Table } from '../table.ts'

const PIXELS = 32 * 32
const ROW = 1 + 3 * PIXELS
const BLOCK = 512
/** The largest batch that is read: those of CIFAR-10 have 31 MB. */
const MOST_BYTES = 2 ** 26

export async function readCifar(path: string, reading: TableReading): Promise<{ train: Table; test: Table }> {
  const batches = new Map<string, Uint8Array>()
  for await (const { name, content } of tarEntries(path, reading)) batches.set(name, content)
  const named = (pattern: RegExp): Promise<Table> => {
    const found = [...batches].filter(([name]) => pattern.test(name)).sort(([a], [b]) => (a < b ? -1 : 1))
    if (found.length > 0) return readBatches(path, found, reading)
    throw new DataError(`${path}: there are no batches ${pattern.source} in the archive`)
  }
  return { train: await named(/data_batch_\d\.bin$/), test: await named(/test_batch\.bin$/) }
}

/** Reads the batches of an archive, all into memory: they are not in the order of their names. */
async function* tarEntries(
  path: string,
  reading: TableReading,
): AsyncGenerator<{ name: string; content: Uint8Array }> {
  const archive = new ByteReader(readChunks(path, reading))
  try {
    while (await archive.hasMore()) {
      const header = await archive.take(BLOCK)
      const text = (start: number, length: number): string =>
        (new TextDecoder('latin1').decode(header.subarray(start, start + length)).split('\0')[0] ?? '').trim()
      const name = text(0, 100)
      if (name === '') break
      const size = Number.parseInt(text(124, 12) || '0', 8)
      if (!(size >= 0 && size <= MOST_BYTES))
        throw new DataError(`${path}: the archive is damaged at ${name}`)
      const content = await archive.take(Math.ceil(size / BLOCK) * BLOCK)
      if (content.length < size) throw new DataError(`${path}: the archive is truncated at ${name}`)
      if (name.endsWith('.bin')) yield { name, content: content.subarray(0, size) }
    }
    // The fingerprint covers the bytes after the last entry, too.
    while (await archive.hasMore()) await archive.take(2 ** 20)
  } finally {
    await archive.close()
  }
}

function readBatches(
  path: string,
  batches: readonly (readonly [name: string, content: Uint8Array])[],
  { spool }: TableReading,
): Promise<Table> {
  for (const [name, { length }] of batches) {
    if (length % ROW !== 0 || length === 0)
      throw new DataError(`${path}: ${name} is truncated: it has ${length} bytes`)
  }
  const rowsOf = function* (): RowBytes {
    for (const [, content] of batches) {
      for (let start = 0; start < content.length; start += ROW) yield content.subarray(start, start + ROW)
    }
  }
  const rows = batches.reduce((sum, [, { length }]) => sum + length / ROW, 0)
  const place = (row: number): string => `${path}: row ${row + 1}`
  const readers = [imageReader(rows, rowsOf()), labelReader(rows, rowsOf())]
  return readColumns({ name: path, place }, readers, spool)
}

type RowBytes = Generator<Uint8Array, undefined>

function labelReader(rows: number, left: RowBytes): ColumnReader {
  return {
    rows,
    rowBytes: 1,
    read(count) {
      const values = Uint8Array.from({ length: count }, () => left.next().value?.[0] ?? 0)
      return Promise.resolve({ kind: 'array', name: 'labels', shape: [], values })
    },
  }
}

function imageReader(rows: number, left: RowBytes): ColumnReader {
  return {
    rows,
    rowBytes: 3 * PIXELS,
    read(count) {
      const values = new Uint8Array(count * 3 * PIXELS)
      for (let i = 0; i < count * PIXELS; i += PIXELS) interleave(left.next().value, values.subarray(3 * i))
      return Promise.resolve({ kind: 'array', name: 'images', shape: [32, 32, 3], values })
    },
  }
}

/** Turns a label and a plane for each color into the colors of each pixel. */
function interleave(row: Uint8Array | undefined, pixels: Uint8Array): void {
  for (let i = 0; i < PIXELS; i++) {
    for (let color = 0; color < 3; color++) pixels[3 * i + color] = row?.[1 + color * PIXELS + i] ?? 0
  }
}
