import type { ColumnEncoding } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { dateFormats } from '../../table/formats/date-formats.ts'
import { numberForm } from '../../table/formats/number-form.ts'
import { patternOf } from '../../runtime/number-format.ts'
import { blocksOf } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'

/** Values that tell how those of a column are written. */
const SAMPLE = 1000

/** Refuses a column of numbers with commas or other signs, which would be one-hot encoded unless the config asks for that. */
export function refuseWrittenNumbers(table: Table, column: Column, encoding: ColumnEncoding): void {
  if (column.kind !== 'string') return
  if (encoding.oneHot.includes(column.name) || Object.hasOwn(encoding.transforms, column.name)) return
  const { row, strings } = sampleOf(table, column.name)
  const form = strings.length > 0 ? numberForm(strings) : undefined
  if (!form) return
  const keys = Object.entries(form).map(([key, sign]) => `data.${key}: "${sign}"`)
  throw new DataError(
    `${table.place(row)}: column ${quote(column.name)} holds numbers that are written like ${quote(strings[0] ?? '')}`,
    {
      hint:
        `set ${keys.join(' and ')}, or for this column alone data.formats: {${column.name}: "${patternOf(form)}"}; ` +
        'if they are names, list the column in data.features.one_hot',
    },
  )
}

/** A hint where the strings of a column are dates in another pattern. */
export function dateHint(table: Table, name: string): string | undefined {
  const [likely, ...others] = dateFormats(sampleOf(table, name).strings)
  if (likely === undefined) return undefined
  const or = others.length > 0 ? `, or ${others.join(', ')}` : ''
  return `set data.formats: {${name}: ${likely}}${or}`
}

function sampleOf(table: Table, name: string): { row: number; strings: string[] } {
  const strings: string[] = []
  let row = 0
  for (const block of blocksOf(table)) {
    const { values } = findColumn(block.table, name, 'data')
    for (let i = 0; i < values.length && strings.length < SAMPLE; i++) {
      const value = values[i]
      if (typeof value !== 'string' || value === '') continue
      if (strings.length === 0) row = block.start + i
      strings.push(value)
    }
    if (strings.length >= SAMPLE) break
  }
  return { row, strings }
}
