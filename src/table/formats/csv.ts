import { DataError } from '../../errors.ts'
import type { Hint } from '../../errors.ts'
import { ownValue } from '../../own-value.ts'
import { numberIn } from '../../runtime/cell.ts'
import { cellReaders } from '../../runtime/text-form.ts'
import type { CellReader } from '../../runtime/text-form.ts'
import { counted, quote } from '../../wording.ts'
import type { ColumnBuilder } from '../columns/column-builder.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import { displayName } from '../files/file.ts'
import { delimiterHint } from '../table.ts'
import type { Table } from '../table.ts'
import { CsvScanner, CsvSyntaxError, INCOMPLETE, WHITESPACE } from './csv-scanner.ts'
import { exactDecimal } from './decimal.ts'
import { EncodingError, textChunks } from './text.ts'

/** The form of csv files. */
export type CsvForm = {
  delimiter?: string | undefined
  /** The encoding of a file without a byte order mark; default: UTF-8. */
  encoding?: string | undefined
  /** `detect` takes a first line without any number for a header. */
  header: boolean | 'detect'
  /** Names for a file without a header; the first whose length is that of the first line. */
  columns?: readonly (readonly string[])[]
  /** Lines before the header, or the first row; none in a file whose first line names `columns`. */
  skip_rows?: number | undefined
  /** The beginnings of lines that are no rows. */
  comment?: string | readonly string[] | undefined
}

export type CsvOptions = CsvForm & { path: string }

/** A longer record is a quote that is never closed. */
const LONGEST_RECORD = 2 ** 26

export async function readCsv(options: CsvOptions, reading: TableReading): Promise<Table> {
  const name = displayName(options.path, reading)
  const rows = new CsvRows(options, name, reading)
  let waiting: Uint8Array[] = []
  let size = 0
  let wanted = 0
  let isStart = true
  try {
    for await (const chunk of textChunks(options.path, name, reading, options.encoding)) {
      if (isStart) refuseJson(options.path, reading, chunk)
      isStart = false
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
  } catch (cause) {
    if (cause instanceof EncodingError) rows.refuseBytes(joined(waiting), cause)
    throw cause
  }
  rows.read(joined(waiting), true)
  return rows.finish()
}

/** Refuses what begins with an object or a list of JSON. */
function refuseJson(path: string, reading: TableReading, start: Uint8Array): void {
  if (!/^\s*[[{]\s*["{[]/.test(asBuffer(start).toString('latin1', 0, 200))) return
  throw new DataError(`${displayName(path, reading)}: is JSON, not csv`, { hint: formatHint(path, reading) })
}

/** Advice how to name the format: standard input has no name that could end otherwise, rows of a program no format. */
function formatHint(path: string, { stdin }: TableReading): Hint | undefined {
  if (path !== '-') return 'set data.type: jsonl, or let its name end in .json'
  if (stdin?.shownAs !== undefined) return undefined
  return (option) => `name its format with ${option('from')}, as in ${option('from')} jsonl`
}

/** The rows of one file, which arrives in pieces. */
class CsvRows {
  readonly #options: CsvOptions
  readonly #name: string
  readonly #reading: TableReading
  readonly #scanner: CsvScanner
  readonly #table: TableBuilder
  readonly #builders: ColumnBuilder[] = []
  readonly #readers: CellReader[] = []
  /** True for columns whose numbers have a pattern of their own, or stand for missing values. */
  readonly #patterned: boolean[] = []
  readonly #point: number
  readonly #delimiter: string
  readonly #comments: readonly Buffer[]
  /** The fields of the header, which the first row tells what they name. */
  #header: readonly string[] | undefined
  /** The first byte of its first field, if that has one. */
  #headerByte: number | undefined
  /** Lines that repeat the header. */
  #repeated = 0
  readonly #notes: string[] = []
  /** Lines before the header, once the first line is known. */
  #linesAbove: number | undefined
  #line = 1

  constructor(options: CsvOptions, name: string, reading: TableReading) {
    this.#options = options
    this.#name = name
    this.#reading = reading
    this.#delimiter = options.delimiter ?? (/\.tsv(\.gz|\.zst)?$/.test(options.path) ? '\t' : ',')
    this.#point = (reading.text?.decimal ?? '.').charCodeAt(0)
    this.#scanner = new CsvScanner(this.#delimiter, this.#point)
    this.#comments = [options.comment ?? []].flat().map((comment) => Buffer.from(comment))
    const strings = Array.from(reading.verbatim ?? [], (column) => [column, 'string'] as const)
    this.#table = new TableBuilder(name, {
      ...reading,
      types: new Map([...(reading.types ?? []), ...strings]),
    })
  }

  /** Takes the whole records among the bytes and returns where the first other one starts. */
  read(bytes: Buffer, isLast: boolean): number {
    const scanner = this.#scanner
    let position = 0
    try {
      while (position < bytes.length) {
        const isSkipped = this.#isSkipped(bytes, position, isLast)
        if (isSkipped === INCOMPLETE) break
        const next = isSkipped ? endOfLine(bytes, position, isLast) : scanner.scan(bytes, position, isLast)
        if (next === INCOMPLETE) break
        if (!isSkipped && !scanner.isEmpty()) this.#readRecord(bytes)
        this.#line += 1 + (isSkipped ? 0 : scanner.innerLines)
        position = next
      }
    } catch (cause) {
      if (!(cause instanceof CsvSyntaxError)) throw cause
      throw new DataError(`${this.#name}:${this.#line}: ${cause.message}`, { cause })
    }
    return position
  }

  /** True for a line that is no row, by its number and its beginning; INCOMPLETE where this may go on. */
  #isSkipped(bytes: Buffer, position: number, isLast: boolean): boolean | typeof INCOMPLETE {
    this.#linesAbove ??= this.#countLinesAbove(bytes, isLast)
    if (this.#linesAbove === undefined) return INCOMPLETE
    if (this.#line <= this.#linesAbove) return true
    for (const comment of this.#comments) {
      if (bytes[position] !== comment[0]) continue
      const length = Math.min(comment.length, bytes.length - position)
      if (comment.compare(bytes, position, position + length, 0, length) !== 0) continue
      if (length === comment.length) return true
      if (!isLast) return INCOMPLETE
    }
    return false
  }

  /** The lines before the header: none where the first line, at the start of the bytes, is the header; undefined where it may go on. */
  #countLinesAbove(bytes: Buffer, isLast: boolean): number | undefined {
    const { skip_rows = 0, columns = [], header } = this.#options
    if (skip_rows === 0 || columns.length === 0 || header === false) return skip_rows
    const end = endOfLine(bytes, 0, isLast)
    if (end === INCOMPLETE) return undefined
    const fields = this.#fieldsOfLine(bytes.subarray(0, end))
    const names = new Set(columns.flat())
    if (2 * fields.filter((field) => names.has(field)).length <= fields.length) return skip_rows
    this.#notes.push(`${this.#name}: the first line names the columns, so no line is left out above it`)
    return 0
  }

  /** The fields of a line; none where it is no record. */
  #fieldsOfLine(line: Buffer): string[] {
    try {
      this.#scanner.scan(line, 0, true)
    } catch (cause) {
      if (!(cause instanceof CsvSyntaxError)) throw cause
      return []
    }
    return this.#fields(line)
  }

  /** The fields of the record that was scanned. */
  #fields(bytes: Buffer): string[] {
    return Array.from({ length: this.#scanner.fields }, (_, i) => textOf(bytes, this.#scanner, i))
  }

  /** Refuses what follows these bytes. */
  refuseBytes(bytes: Buffer, cause: EncodingError): never {
    const { name } = this.#builders[this.#openField(bytes, this.read(bytes, false))] ?? {}
    const column = name === undefined ? '' : ` in column ${quote(name)}`
    throw new DataError(`${this.#name}:${this.#line}: ${cause.message}${column}`, { cause, hint: cause.hint })
  }

  /** The field within which the bytes of a record end. */
  #openField(bytes: Buffer, start: number): number {
    try {
      this.#scanner.scan(bytes, start, true)
      return this.#scanner.fields - 1
    } catch (cause) {
      if (!(cause instanceof CsvSyntaxError)) throw cause
      // Its quotes are still open.
      return this.#scanner.fields
    }
  }

  refuseEndless(): never {
    throw new DataError(`${this.#name}:${this.#line}: the row that starts here does not end within 64 MB`, {
      hint: 'a double quote may open here that is never closed',
    })
  }

  finish(): Table {
    const name = this.#name
    if (this.#builders.length === 0 && !this.#header) throw new DataError(`${name}: the file is empty`)
    if (this.#table.rows === 0) throw new DataError(`${name}: there is a header line but no rows`)
    if (this.#repeated > 0)
      this.#notes.push(`${name}: the header is repeated in ${counted(this.#repeated, 'line')}, left out`)
    return { ...this.#table.finish(), notes: this.#notes }
  }

  /** A line of the file, of which the first may be a header. */
  #readRecord(bytes: Buffer): void {
    if (this.#builders.length === 0) {
      if (this.#isDelimiterLine(bytes)) return
      const fields = this.#fields(bytes)
      if (this.#header) this.#addColumns(this.#named(this.#header, this.#isNamedRow()))
      else if (isHeader(fields, this.#options.header)) {
        this.#header = fields
        this.#headerByte = Buffer.from(fields[0] ?? '')[0]
        return
      } else this.#addColumns(givenNames(fields, this.#options.columns, `${this.#name}:${this.#line}`))
    }
    if (this.#repeatsHeader(bytes)) this.#repeated += 1
    else this.#readRow(bytes)
  }

  /** True for the header of a file that others were appended to. */
  #repeatsHeader(bytes: Buffer): boolean {
    const { fields, starts, ends } = this.#scanner
    const header = this.#header ?? []
    const [start = 0, end = 0] = [starts[0], ends[0]]
    // The first byte tells nearly every row from the header.
    if (fields !== header.length || (start < end ? bytes[start] : undefined) !== this.#headerByte)
      return false
    return (
      header.every((field, i) => textOf(bytes, this.#scanner, i) === field) &&
      header.some((field) => field !== '' && numberIn(field) === undefined)
    )
  }

  #addColumns(names: readonly string[]): void {
    const { text = {}, values, verbatim } = this.#reading
    const readerOf = cellReaders(text, values)
    const hasMissingNumbers = text.missing_values?.some((word) => /\d/.test(word)) ?? false
    for (const column of names) {
      this.#builders.push(this.#table.addColumn(column))
      this.#readers.push(verbatim?.has(column) ? (field) => field : readerOf(column))
      this.#patterned.push(hasMissingNumbers || ownValue(text.formats, column) !== undefined)
    }
  }

  /** True where the first row has one field more than the header: R writes names of rows before the first column. */
  #isNamedRow(): boolean {
    const { fields, quotes, starts, ends } = this.#scanner
    const { length } = this.#header ?? []
    // Without quotes, the one field more may as well come from a delimiter inside a field.
    const isName = quotes[0] !== 0 || this.#delimiter === WHITESPACE || this.#delimiter === '\t'
    return isName && length > 1 && fields === length + 1 && starts[fields - 1] !== ends[fields - 1]
  }

  /** The names of the columns below a header: those that stand there twice are told apart. */
  #named(header: readonly string[], hasRowNames: boolean): string[] {
    const fields = hasRowNames ? ['', ...header] : header
    const names = columnNames(fields, (note) => void this.#notes.push(`${this.#name}: ${note}`))
    for (const [i, field] of fields.entries())
      if ((field === '' && i === 0) || /^Unnamed: \d+(\.\d+)?$/.test(field))
        this.#table.markIndex(names[i] ?? field)
    return names
  }

  /** True for the line `sep=;` that spreadsheets write before the header. */
  #isDelimiterLine(bytes: Buffer): boolean {
    const { starts, ends, fields } = this.#scanner
    const [, sign] = /^sep=(.)$/.exec(bytes.toString('utf8', starts[0], ends[fields - 1])) ?? []
    if (this.#line > 1 || sign === undefined) return false
    if (sign === this.#delimiter) return true
    const message = `${this.#name}:1: the file says that its fields are separated by ${JSON.stringify(sign)}`
    throw new DataError(message, { hint: `set data.delimiter: ${JSON.stringify(sign)}` })
  }

  #readRow(bytes: Buffer): void {
    const scanner = this.#scanner
    const builders = this.#builders
    const readers = this.#readers
    const point = this.#point
    const { starts, ends } = scanner
    // A delimiter behind the last field of each row, but not of the header.
    const isClosed =
      scanner.fields === builders.length + 1 && starts[builders.length] === ends[builders.length]
    if (scanner.fields !== builders.length && !isClosed) this.#refuseWidth(bytes)
    for (let i = 0; i < builders.length; i++) {
      const builder = builders[i]
      const numbers = builder?.numbers
      const number = numbers && this.#patterned[i] !== true ? numberOf(bytes, scanner, i, point) : NaN
      if (Number.isNaN(number)) builder?.add(readers[i]?.(textOf(bytes, scanner, i)))
      else numbers?.push(number)
    }
    this.#table.endRow(this.#line)
  }

  #refuseWidth(bytes: Buffer): never {
    const { fields, starts, ends } = this.#scanner
    const { length } = this.#builders
    const hint =
      delimiterHint(this.#builders.map(({ name }) => name)) ??
      (length === 1
        ? 'where lines above the header are not rows, set data.skip_rows to their number'
        : fields === 1
          ? `the line ${quote(bytes.toString('utf8', starts[0], ends[0]))} does not seem to be a row: remove it`
          : 'a field that contains the delimiter must be in double quotes')
    throw new DataError(
      `${this.#name}:${this.#line}: ${counted(fields, 'field')}, but the first line has ${length}`,
      { hint },
    )
  }
}

/** The place behind the line that contains a position; INCOMPLETE where it may go on. */
function endOfLine(bytes: Buffer, start: number, isLast: boolean): number {
  let end = start
  while (end < bytes.length && bytes[end] !== 0x0a && bytes[end] !== 0x0d) end++
  if (bytes[end] !== 0x0d) return end < bytes.length ? end + 1 : isLast ? end : INCOMPLETE
  if (end + 1 === bytes.length && !isLast) return INCOMPLETE
  return bytes[end + 1] === 0x0a ? end + 2 : end + 1
}

/** Parses a field; NaN where it must be parsed as a string. */
function numberOf(
  bytes: Buffer,
  { starts, ends, quotes, numbers }: CsvScanner,
  field: number,
  point: number,
): number {
  const number = numbers[field] ?? NaN
  if (!Number.isNaN(number) || quotes[field] !== 0) return number
  return exactDecimal(bytes, starts[field] ?? 0, ends[field] ?? 0, point)
}

function textOf(bytes: Buffer, { starts, ends, quotes }: CsvScanner, field: number): string {
  const text = bytes.toString('utf8', starts[field], ends[field])
  return quotes[field] === 2 ? text.replaceAll('""', '"') : text
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

/** Names the columns of a header, as pandas does where a name repeats, with a note; single quotes around a name are no part of it. */
export function columnNames(header: readonly string[], onNote: (note: string) => void): string[] {
  const names = new Set<string>()
  for (const [index, field] of header.entries()) {
    const written = field === '' ? `column_${index + 1}` : field.replace(/^'(.+)'$/, '$1')
    let name = written
    for (let count = 1; names.has(name); count++) name = `${written}.${count}`
    if (name !== written)
      onNote(`column ${index + 1} is called ${quote(name)}, since another one is called ${quote(written)}`)
    names.add(name)
  }
  return [...names]
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
