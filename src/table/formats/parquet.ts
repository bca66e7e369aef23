import type { Compressors } from 'hyparquet'
import * as z from 'zod'

import { DataError, errorCode } from '../../errors.ts'
import { valueOfJson } from '../../json.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import { displayName, openFile } from '../files/file.ts'
import { cellReaders } from '../../runtime/text-form.ts'
import type { RandomAccess } from '../files/file.ts'
import type { Table } from '../table.ts'
import { addValue, addValues } from './cells.ts'
import type { ValuesBuilder } from './cells.ts'

/** More values than this in all columns, and for each byte of the file, are damage or malice. */
const MOST_VALUES = 2 ** 28
const MOST_VALUES_A_BYTE = 1000

/** More decompressed bytes than this in a page are refused. */
const MOST_PAGE_BYTES = 2 ** 28

/** The most bytes of numbers that are decoded at once. */
const PIECE_BYTES = 2 ** 26

/** Reads columns of numbers, strings, booleans (1 and 0), dates (as strings) or lists of numbers. */
export async function readParquet(path: string, reading: TableReading): Promise<Table> {
  const name = displayName(path)
  const file = await openFile(path, reading)
  try {
    return await readRows(name, file, reading)
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DataError(`${name}: this is not a Parquet file, or it is damaged (${why})`, { cause })
  } finally {
    await file.close()
  }
}

async function readRows(name: string, file: RandomAccess, reading: TableReading): Promise<Table> {
  const { parquetScan, parquetSchema } = await import('hyparquet')
  const scan = await parquetScan({
    file: {
      byteLength: file.size,
      slice: async (start, end = file.size) => (await file.read(start, end)).buffer,
    },
    compressors: await compressors(name),
  })
  const names = parquetSchema(scan.metadata).children.map(({ element }) => element.name)
  const rows = Number(scan.metadata.num_rows)
  if (rows === 0) throw new DataError(`${name}: the file has no rows`)
  if (rows * names.length > Math.max(MOST_VALUES, file.size * MOST_VALUES_A_BYTE)) {
    throw new DataError(
      `${name}: ${rows} rows of ${names.length} columns are announced, more than can be read`,
    )
  }
  const placeAt = (row: number): string => `${name}: row ${row}`
  const table = new TableBuilder(name, reading, placeAt)
  for (const column of indexColumns(scan.metadata.key_value_metadata)) table.markIndex(column)
  const columns = new Map<string, ValuesBuilder>()
  const { text = {}, values: labels } = reading
  const readerOf = cellReaders({ ...text, missing_values: text.missing_values ?? [] }, labels)
  const readers = new Map(names.map((column) => [column, readerOf(column)]))
  const most = Math.min(PIECE_BYTES, reading.spool?.blockBytes(true) ?? PIECE_BYTES)
  for (const { rowStart, rowEnd } of pieces(scan.ranges, Math.ceil(most / names.length / 8))) {
    let row = 0
    const place = (): string => placeAt(row)
    for (const column of names) {
      const values = await scan.readColumn({ column, rowStart, rowEnd })
      if (values.length !== rowEnd - rowStart) throw new Error(`the column ${column} is too short`)
      const builder = columns.get(column) ?? addValues(table, column, plain(values[0]))
      columns.set(column, builder)
      for (row = rowStart + 1; row <= rowEnd; row++)
        addValue(builder, plain(values[row - rowStart - 1]), place, readers.get(column))
    }
    table.endRows(rowStart + 1, rowEnd - rowStart)
  }
  if (table.rows !== rows) throw new Error(`there are ${table.rows} rows instead of ${rows}`)
  return table.finish()
}

/** The columns that pandas wrote to number or name the rows, as it notes in the file. */
function indexColumns(metadata: readonly { key: string; value?: string }[] | undefined): string[] {
  const note = metadata?.find(({ key }) => key === 'pandas')?.value
  const parsed = PandasNote.safeParse(valueOfJson(note ?? ''))
  return (parsed.data?.index_columns ?? []).filter((column) => typeof column === 'string')
}

const PandasNote = z.object({ index_columns: z.array(z.unknown()) })

type RowRange = { rowStart: number; rowEnd: number }

/** Cuts ranges into ranges of at most `most` rows. */
function* pieces(ranges: readonly RowRange[], most: number): Generator<RowRange> {
  for (const range of ranges) {
    for (let rowStart = range.rowStart; rowStart < range.rowEnd; rowStart += most)
      yield { rowStart, rowEnd: Math.min(range.rowEnd, rowStart + most) }
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

/** The decompressors of Node; Snappy is part of hyparquet. */
async function compressors(name: string): Promise<Compressors> {
  const zlib: ZlibFunctions = await import('node:zlib')
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
  const lz4 = (): never => {
    throw new DataError(`${name}: pages compressed with LZ4 are not supported`, {
      hint: 'write it with snappy, gzip, zstd or brotli',
    })
  }
  return {
    LZ4: lz4,
    LZ4_RAW: lz4,
    GZIP: guarded(zlib.gunzipSync),
    BROTLI: guarded(zlib.brotliDecompressSync),
    ZSTD: zlib.zstdDecompressSync
      ? guarded(zlib.zstdDecompressSync)
      : () => {
          const hint = 'write it with snappy, gzip or brotli'
          throw new DataError(`${name}: pages compressed with Zstandard need Node 22.15 or newer`, {
            hint,
          })
        },
  }
}

type Decompress = (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array
type ZlibFunctions = {
  gunzipSync: Decompress
  brotliDecompressSync: Decompress
  zstdDecompressSync?: Decompress
}
