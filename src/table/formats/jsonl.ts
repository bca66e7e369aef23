import { DataError } from '../../errors.ts'
import type { TableReading } from '../columns/reading.ts'
import { displayName } from '../files/file.ts'
import type { Table } from '../table.ts'
import { isRow, rowsOf } from './json-table.ts'
import { RecordRows } from './records.ts'
import { textLines } from './text.ts'

/**
 * Reads objects, one a line, or a table that is one JSON value (formats/json-table): numbers, strings, booleans (1 and 0),
 * null (missing), nested lists of numbers.
 */
export async function readJsonl(path: string, reading: TableReading): Promise<Table> {
  const name = displayName(path, reading)
  const lines = new RecordRows(name, reading)
  let line = 0
  /** The first line that is not empty, which may be the whole table, and those of a value that goes on after its first. */
  let first: { text: string; line: number } | undefined
  let value: string[] | undefined
  const add = (text: string, at: number): void => lines.add(parseJson(text, `${name}:${at}`), at)
  for await (const text of textLines(path, name, reading)) {
    line++
    if (value) value.push(text)
    else if (text.trim() === '') continue
    else if (first === undefined && lines.rows === 0) {
      first = { text, line }
      if (goesOn(text)) value = [text]
    } else {
      if (first) add(first.text, first.line)
      first = undefined
      add(text, line)
    }
  }
  if (!first) return lines.finish()
  const whole = value ? parseWhole(value, name, first) : parseJson(first.text, `${name}:${first.line}`)
  const rows = !value && isRow(whole) ? undefined : rowsOf(whole)
  if (!rows) {
    add(first.text, first.line)
    return lines.finish()
  }
  const table = new RecordRows(name, reading, (row) => `${name}: row ${row}`)
  for (const [i, row] of rows.entries()) table.add(row, i + 1)
  return table.finish()
}

/** True for the first line of a value that does not end on it. */
function goesOn(text: string): boolean {
  const line = text.trim()
  return line.startsWith('[') || (line.startsWith('{') && !line.endsWith('}'))
}

/** The value of all lines together; where they are none, they are values of their own, of which the first is not valid. */
function parseWhole(lines: readonly string[], name: string, first: { text: string; line: number }): unknown {
  try {
    return JSON.parse(lines.join('\n'))
  } catch {
    const isList = first.text.trimStart().startsWith('[')
    return isList ? parseJson(lines.join('\n'), name, 'file') : parseJson(first.text, `${name}:${first.line}`)
  }
}

function parseJson(text: string, place: string, what = 'line'): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw new DataError(`${place}: this ${what} is not valid JSON: ${why}`, { cause })
  }
}
