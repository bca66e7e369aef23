import { DataError } from '../../errors.ts'
import type { TableReading } from '../columns/reading.ts'
import { displayName } from '../files/file.ts'
import type { Table } from '../table.ts'
import { RecordRows } from './records.ts'
import { EncodingError, textLines } from './text.ts'

/** Reads objects, one a line or in one array: numbers, strings, booleans (1 and 0), null (missing), nested lists of numbers. */
export async function readJsonl(path: string, reading: TableReading): Promise<Table> {
  const name = displayName(path)
  const lines = new RecordRows(name, reading)
  let line = 0
  let array: string[] | undefined
  try {
    for await (const text of textLines(path, name, reading)) {
      line++
      if (!array && lines.rows === 0 && text.trimStart().startsWith('[')) array = []
      if (array) array.push(text)
      else if (text.trim() !== '') lines.add(parseJson(text, `${name}:${line}`), line, text.trim())
    }
  } catch (cause) {
    if (!(cause instanceof EncodingError)) throw cause
    throw new DataError(`${name}:${line + 1}: ${cause.message}`, { cause, hint: 'save the file as UTF-8' })
  }
  if (!array) return lines.finish()
  const rows = new RecordRows(name, reading, (row) => `${name}: row ${row}`)
  const values = parseJson(array.join('\n'), name)
  for (const [i, value] of Array.isArray(values) ? values.entries() : []) rows.add(value, i + 1)
  return rows.finish()
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new DataError(`${place}: this line is not valid JSON: ${why}`, { cause })
  }
}
