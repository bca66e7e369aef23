import { DataError } from '../../errors.ts'
import { columnOf } from '../cells.ts'
import { displayName, errorCode, readBytes } from '../file.ts'
import type { Compressors } from 'hyparquet'
import type { Reading } from '../file.ts'
import type { Table } from '../table.ts'

/** More values than this, in all columns, are refused before memory is taken for them. */
const MOST_VALUES = 2 ** 28

/** More decompressed bytes than this in a page are refused. */
const MOST_PAGE_BYTES = 2 ** 28

/** Columns of numbers, texts, booleans (1 and 0), dates (as text) or lists of numbers. */
export async function readParquet(options: { path: string }, reading: Reading): Promise<Table> {
  const name = displayName(options.path)
  const bytes = await readBytes(options.path, reading)
  const file = Uint8Array.from(bytes).buffer
  const { parquetMetadata, parquetRead, parquetSchema } = await import('hyparquet')
  const columns = new Map<string, unknown[]>()
  try {
    const metadata = parquetMetadata(file)
    const names = parquetSchema(metadata).children.map(({ element }) => element.name)
    const rows = Number(metadata.num_rows)
    if (rows === 0) throw new DataError(`${name}: the file has no rows`)
    if (rows * names.length > MOST_VALUES) {
      throw new DataError(
        `${name}: ${rows} rows of ${names.length} columns are announced, more than can be read`,
      )
    }
    for (const column of names) columns.set(column, new Array<unknown>())
    await parquetRead({
      file: { byteLength: file.byteLength, slice: (start, end) => file.slice(start, end) },
      metadata,
      compressors: await compressors(),
      onChunk: ({ columnName, columnData, rowStart }) => {
        const values = columns.get(columnName)
        if (values) for (let i = 0; i < columnData.length; i++) values[rowStart + i] = plain(columnData[i])
      },
    })
    const place = (row: number): string => `${name}: row ${row + 1}`
    const short = [...columns].find(([, values]) => values.length !== rows)
    if (short) throw new Error(`the column ${short[0]} has ${short[1].length} of ${rows} rows`)
    return {
      name,
      rows,
      columns: Array.from(columns, ([column, values]) =>
        columnOf(column, values, place, reading.types?.get(column)),
      ),
      place,
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`${name}: this is not a Parquet file, or it is damaged (${why})`, { cause })
  }
}

/** A value as JSON has it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  return ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(numbersIn(value)) : value
}

function numbersIn(view: ArrayBufferView): Iterable<number> {
  return view instanceof Float32Array || view instanceof Float64Array || view instanceof Int32Array
    ? view
    : new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** What Node decompresses by itself; Snappy is part of hyparquet. */
async function compressors(): Promise<Compressors> {
  const zlib: Zlib = await import('node:zlib')
  const guarded =
    (decompress: Decompress) =>
    (input: Uint8Array, size: number): Uint8Array => {
      if (size > MOST_PAGE_BYTES) throw new RangeError(`a page announces ${size} bytes`)
      try {
        return decompress(input, { maxOutputLength: Math.max(1, size) })
      } catch (cause) {
        throw new Error(`a page is damaged: ${errorCode(cause) ?? 'unknown'}`, { cause })
      }
    }
  return {
    GZIP: guarded(zlib.gunzipSync),
    BROTLI: guarded(zlib.brotliDecompressSync),
    ...(zlib.zstdDecompressSync && { ZSTD: guarded(zlib.zstdDecompressSync) }),
  }
}

type Decompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
type Zlib = { gunzipSync: Decompress; brotliDecompressSync: Decompress; zstdDecompressSync?: Decompress }
