import { extname } from 'node:path'
import { DataError } from '../../errors.ts'
import { cellOf, numberIn } from '../cell.ts'
import { ColumnBuilder } from '../column-builder.ts'
import { displayName, errorCode, readBytes } from '../file.ts'
import { counted, quote } from '../table.ts'
import type { Reading } from '../file.ts'
import type { Table } from '../table.ts'

export type CsvOptions = {
  path: string
  delimiter?: string | undefined
  /** `detect` takes a first line without any number for a header. */
  header: boolean | 'detect'
  /** Names for a file without a header; the first whose length is that of the first line. */
  columns?: readonly (readonly string[])[]
}

export async function readCsv(options: CsvOptions, reading: Reading): Promise<Table> {
  const name = displayName(options.path)
  const bytes = await readBytes(options.path, reading)
  refuseBinary(bytes, name)
  const builders: ColumnBuilder[] = []
  const lines: number[] = []
  await forEachRecord(bytes, options, name, (fields, line) => {
    if (builders.length === 0) {
      const names = isHeader(fields, options.header) ? headerNames(fields, name, line) : undefined
      for (const column of names ?? givenNames(fields, options.columns, name, line)) {
        builders.push(new ColumnBuilder(column, reading.types?.get(column)))
      }
      if (names) return
    }
    if (fields.length !== builders.length) {
      throw new DataError(
        `${name}:${line}: ${counted(fields.length, 'field')}, but the first line has ${builders.length}`,
        {
          hint: 'a field that contains the delimiter must stand in double quotes',
        },
      )
    }
    for (let i = 0; i < fields.length; i++) builders[i]?.add(cellOf(fields[i] ?? ''))
    lines.push(line)
  })
  if (builders.length === 0) throw new DataError(`${name}: the file is empty`)
  if (lines.length === 0) throw new DataError(`${name}: there is a header line but no rows`)
  return {
    name,
    rows: lines.length,
    columns: builders.map((builder) => builder.finish()),
    place: (row) => `${name}:${lines[row] ?? 0}`,
  }
}

/** Calls `visit` with the fields of every record and the line that it starts on. */
async function forEachRecord(
  bytes: Uint8Array,
  options: CsvOptions,
  name: string,
  visit: (fields: string[], line: number) => void,
): Promise<void> {
  const { parse } = await import('csv-parse/sync')
  let next = 1
  let emptyLines = 0
  try {
    parse(bytes, {
      delimiter: options.delimiter ?? (extname(options.path) === '.tsv' ? '\t' : ','),
      record_delimiter: ['\r\n', '\n', '\r'],
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (fields: string[], info) => {
        const line = next + info.empty_lines - emptyLines
        emptyLines = info.empty_lines
        next = line + 1 + lineBreaks(fields)
        visit(fields, line)
        return null
      },
    })
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw new DataError(`${name}:${next}: ${csvReason(cause)}`, { cause })
  }
}

function csvReason(error: unknown): string {
  switch (errorCode(error)) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a double quote opens here or below and is never closed'
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return 'a closing double quote is followed by text; a quote inside a quoted field is written twice'
    case 'INVALID_OPENING_QUOTE':
      return 'a double quote stands inside a field that does not begin with one'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

/** Line breaks inside quoted fields. */
function lineBreaks(fields: readonly string[]): number {
  let count = 0
  for (const field of fields) {
    if (field.includes('\n') || field.includes('\r')) count += field.split(/\r\n|\n|\r/).length - 1
  }
  return count
}

function isHeader(fields: readonly string[], header: CsvOptions['header']): boolean {
  return header === 'detect' ? fields.every((field) => numberIn(field) === undefined) : header
}

function headerNames(fields: readonly string[], name: string, line: number): string[] {
  const names = fields.map((field, index) => (field === '' ? `column_${index + 1}` : field))
  for (const [index, field] of names.entries()) {
    const before = names.indexOf(field)
    if (before === index) continue
    throw new DataError(
      `${name}:${line}: two columns are called ${quote(field)}, the ${ordinal(before)} and the ${ordinal(index)}`,
      names.every((column) => numberIn(column) !== undefined)
        ? { hint: 'the first line seems to be data: set header: false' }
        : {},
    )
  }
  return names
}

function ordinal(index: number): string {
  const position = index + 1
  const lastTwo = position % 100
  const ending = lastTwo > 10 && lastTwo < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][position % 10] ?? 'th')
  return `${position}${ending}`
}

function givenNames(
  fields: readonly string[],
  choices: CsvOptions['columns'],
  name: string,
  line: number,
): readonly string[] {
  if (!choices) return fields.map((_, index) => `column_${index + 1}`)
  const fitting = choices.find((names) => names.length === fields.length)
  if (fitting) return fitting
  const lengths = choices.map((names) => names.length).join(' or ')
  throw new DataError(`${name}:${line}: ${counted(fields.length, 'field')} where ${lengths} were expected`)
}

function refuseBinary(bytes: Uint8Array, name: string): void {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw new DataError(`${name}: the file is compressed; csv is read as plain text`, {
      hint: 'gunzip it first',
    })
  }
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  if (!isUtf16 && bytes.subarray(0, 65536).includes(0))
    throw new DataError(`${name}: this is a binary file, not csv`)
}
