import { DataError } from '../../errors.ts'
import { quote } from '../../wording.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import { displayName, readChunks } from '../files/file.ts'
import type { Table } from '../table.ts'
import { addValue, addValues } from './cells.ts'
import type { ValuesBuilder } from './cells.ts'

/** A longer line is taken for a file of another kind. */
const LONGEST_LINE = 2 ** 26

/** One JSON object a line: its values are numbers, texts, booleans (1 and 0), null (missing) or nested lists of numbers. */
export async function readJsonl(path: string, reading: TableReading): Promise<Table> {
  const name = displayName(path)
  const table = new TableBuilder(name, reading.spool)
  const columns = new Map<string, ValuesBuilder>()
  let line = 0
  const place = (): string => `${name}:${line}`
  for await (const text of readLines(path, name, reading)) {
    line++
    if (text.trim() === '') continue
    const row = parseRow(text, place)
    for (const [column, value] of Object.entries(row)) {
      if (!columns.has(column)) columns.set(column, addValues(table, column, value, reading))
    }
    for (const [key, column] of columns) {
      addValue(column, Object.hasOwn(row, key) ? row[key] : undefined, place)
    }
    table.endRow(line)
  }
  if (table.rows === 0) throw new DataError(`${name}: the file has no rows`)
  return table.finish()
}

async function* readLines(path: string, name: string, reading: TableReading): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch (cause) {
      throw new DataError(`${name}: this is not a text file in UTF-8`, { cause })
    }
  }
  let rest = ''
  for await (const chunk of readChunks(path, reading)) {
    const lines = (rest + decode(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST_LINE) throw new DataError(`${name}: a line is longer than 64 MB`)
    yield* lines
  }
  yield rest + decode(undefined)
}

function parseRow(line: string, place: () => string): Record<string, unknown> {
  const parsed = parseJson(line, place)
  if (isRecord(parsed)) return parsed
  throw new DataError(`${place()}: ${quote(line.trim())} is not an object such as {"x": 1, "y": 2}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(line: string, place: () => string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new DataError(
      `${place()}: this line is not valid JSON: ${cause instanceof Error ? cause.message : ''}`,
      { cause },
    )
  }
}
