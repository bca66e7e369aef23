import { DataError } from '../../errors.ts'
import { cellOf, numberIn } from '../../runtime/cell.ts'
import { counted, quote } from '../../wording.ts'
import type { ColumnBuilder } from '../columns/column-builder.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import { displayName, readChunks } from '../files/file.ts'
import type { Table } from '../table.ts'
import { CsvScanner, CsvSyntaxError, INCOMPLETE } from './csv-scanner.ts'
import { exactDecimal } from './decimal.ts'

/** The form of csv files. */
export type CsvForm = {
  delimiter?: string | undefined
  /** `detect` takes a first line without any number for a header. */
  header: boolean | 'detect'
  /** Names for a file without a header; the first whose length is that of the first line. */
  columns?: readonly (readonly string[])[]
}

export type CsvOptions = CsvForm & { path: string }

/** A longer record is a quote that is never closed. */
const LONGEST_RECORD = 2 ** 26

export async function readCsv(options: CsvOptions, reading: TableReading): Promise<Table> {
  const name = displayName(options.path)
  const rows = new CsvRows(options, name, reading)
  let waiting: Uint8Array[] = []
  let size = 0
  let wanted = 0
  for await (const chunk of textChunks(options.path, name, reading)) {
    waiting.push(chunk)
    size += chunk.length
    if (size < wanted) continue
    const bytes = joined(waiting)
    const rest = bytes.subarray(rows.read(bytes, false))
    if (rest.length > LONGEST_RECORD) rows.refuseEndless()
    waiting = [rest]
    size = rest.length
    // A long record is scanned again when it has doubled, so that the time is linear in its length.
    wanted = Math.min(2 * size, LONGEST_RECORD + 1)
  }
  rows.read(joined(waiting), true)
  return rows.finish()
}

/** The rows of one file, which arrives in pieces. */
class CsvRows {
  readonly #options: CsvOptions
  readonly #name: string
  readonly #reading: TableReading
  readonly #scanner: CsvScanner
  readonly #table: TableBuilder
  readonly #builders: ColumnBuilder[] = []
  #line = 1

  constructor(options: CsvOptions, name: string, reading: TableReading) {
    this.#options = options
    this.#name = name
    this.#reading = reading
    const delimiter = options.delimiter ?? (/\.tsv(\.gz|\.zst)?$/.test(options.path) ? '\t' : ',')
    this.#scanner = new CsvScanner(delimiter.charCodeAt(0))
    this.#table = new TableBuilder(name, reading.spool)
  }

  /** Takes the whole records among the bytes and returns where the first other one starts. */
  read(bytes: Buffer, isLast: boolean): number {
    const scanner = this.#scanner
    let position = 0
    try {
      while (position < bytes.length) {
        const next = scanner.scan(bytes, position, isLast)
        if (next === INCOMPLETE) break
        if (!scanner.isEmpty() && !(this.#builders.length === 0 && this.#readHeader(bytes)))
          this.#readRow(bytes)
        this.#line += 1 + scanner.innerLines
        position = next
      }
    } catch (cause) {
      if (!(cause instanceof CsvSyntaxError)) throw cause
      throw new DataError(`${this.#name}:${this.#line}: ${cause.message}`, { cause })
    }
    return position
  }

  refuseEndless(): never {
    throw new DataError(`${this.#name}:${this.#line}: the row that starts here does not end within 64 MB`, {
      hint: 'a double quote may open here that is never closed',
    })
  }

  finish(): Table {
    const name = this.#name
    if (this.#builders.length === 0) throw new DataError(`${name}: the file is empty`)
    if (this.#table.rows === 0) throw new DataError(`${name}: there is a header line but no rows`)
    return this.#table.finish()
  }

  /** Names the columns; false where the first line is a row already. */
  #readHeader(bytes: Buffer): boolean {
    const scanner = this.#scanner
    const { header, columns } = this.#options
    const place = `${this.#name}:${this.#line}`
    const fields = Array.from({ length: scanner.fields }, (_, i) => textOf(bytes, scanner, i))
    const names = isHeader(fields, header) ? headerNames(fields, place) : undefined
    for (const column of names ?? givenNames(fields, columns, place)) {
      this.#builders.push(this.#table.addColumn(column, this.#reading.types?.get(column)))
    }
    return names !== undefined
  }

  #readRow(bytes: Buffer): void {
    const scanner = this.#scanner
    const builders = this.#builders
    if (scanner.fields !== builders.length) {
      throw new DataError(
        `${this.#name}:${this.#line}: ${counted(scanner.fields, 'field')}, but the first line has ${builders.length}`,
        { hint: 'a field that contains the delimiter must be in double quotes' },
      )
    }
    for (let i = 0; i < builders.length; i++) {
      const builder = builders[i]
      const numbers = builder?.numbers
      const number = numbers ? numberOf(bytes, scanner, i) : NaN
      if (Number.isNaN(number)) builder?.add(cellOf(textOf(bytes, scanner, i)))
      else numbers?.push(number)
    }
    this.#table.endRow(this.#line)
  }
}

/** Parses a field; NaN where it must be parsed as a string. */
function numberOf(bytes: Buffer, { starts, ends, quotes, numbers }: CsvScanner, field: number): number {
  const number = numbers[field] ?? NaN
  if (!Number.isNaN(number) || quotes[field] !== 0) return number
  return exactDecimal(bytes, starts[field] ?? 0, ends[field] ?? 0)
}

function textOf(bytes: Buffer, { starts, ends, quotes }: CsvScanner, field: number): string {
  const text = bytes.toString('utf8', starts[field], ends[field])
  return quotes[field] === 2 ? text.replaceAll('""', '"') : text
}

/** The file in UTF-8 without a byte order mark. */
async function* textChunks(path: string, name: string, reading: TableReading): AsyncGenerator<Uint8Array> {
  let utf16: InstanceType<typeof TextDecoder> | undefined
  let isFirst = true
  for await (const chunk of readChunks(path, reading)) {
    const bytes = asBuffer(chunk)
    if (isFirst && bytes[0] === 0xff && bytes[1] === 0xfe) utf16 = new TextDecoder('utf-16le')
    else if (isFirst && bytes.subarray(0, 65536).includes(0))
      throw new DataError(`${name}: this is a binary file, not csv`)
    const isMarked = isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    yield utf16 ? Buffer.from(utf16.decode(bytes, { stream: true })) : isMarked ? bytes.subarray(3) : bytes
    isFirst = false
  }
}

function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks
  return only && chunks.length === 1 ? asBuffer(only) : Buffer.concat(chunks)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isHeader(fields: readonly string[], header: CsvOptions['header']): boolean {
  return header === 'detect' ? fields.every((field) => numberIn(field) === undefined) : header
}

function headerNames(fields: readonly string[], place: string): string[] {
  const names = fields.map((field, index) => (field === '' ? `column_${index + 1}` : field))
  const positions = new Map<string, number>()
  for (const [index, field] of names.entries()) {
    const before = positions.get(field)
    if (before === undefined) {
      positions.set(field, index)
      continue
    }
    throw new DataError(
      `${place}: columns ${before + 1} and ${index + 1} are both called ${quote(field)}`,
      names.every((column) => numberIn(column) !== undefined)
        ? { hint: 'the first line seems to be data: set header: false' }
        : {},
    )
  }
  return names
}

function givenNames(
  fields: readonly string[],
  choices: CsvOptions['columns'],
  place: string,
): readonly string[] {
  if (!choices) return fields.map((_, index) => `column_${index + 1}`)
  const fitting = choices.find((names) => names.length === fields.length)
  if (fitting) return fitting
  const lengths = choices.map((names) => names.length).join(' or ')
  throw new DataError(`${place}: ${counted(fields.length, 'field')} where ${lengths} were expected`)
}
