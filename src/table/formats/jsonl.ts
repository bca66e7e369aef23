import { DataError } from '../../errors.ts'
import type { TableReading } from '../columns/reading.ts'
import { displayName, readChunks } from '../files/file.ts'
import type { Table } from '../table.ts'
import { RecordRows } from './records.ts'

/** A longer line is taken for a file of another kind. */
const LONGEST_LINE = 2 ** 26

/** Reads one JSON object a line: numbers, strings, booleans (1 and 0), null (missing) and nested lists of numbers. */
export async function readJsonl(path: string, reading: TableReading): Promise<Table> {
  const name = displayName(path)
  const rows = new RecordRows(name, reading)
  let line = 0
  for await (const text of readLines(path, name, reading)) {
    line++
    if (text.trim() !== '') rows.add(parseJson(text, `${name}:${line}`), line, text.trim())
  }
  return rows.finish()
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

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new DataError(`${place}: this line is not valid JSON: ${why}`, { cause })
  }
}
