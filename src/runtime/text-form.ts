import { numberIn } from './cell.ts'
import type { Cell } from './cell.ts'
import { datePattern } from './date-format.ts'

/** The way in which files write values, where it is not the usual one: saved with a model. */
export type TextForm = {
  readonly decimal?: ',' | '.' | undefined
  readonly thousands?: string | undefined
  readonly missing_values?: readonly string[] | undefined
  /** Patterns of dates by column. */
  readonly formats?: Readonly<Record<string, string>> | undefined
}

/** Words for a missing value in text files. */
export const MISSING = ['', 'NA', 'N/A', '#N/A', '<NA>', 'NaN', 'nan', 'NAN', 'null', 'NULL', '?']

/** Returns what reads the number that a cell spells. */
export function numberReader({ decimal = '.', thousands }: TextForm): typeof numberIn {
  if (decimal === '.' && thousands === undefined) return numberIn
  const mark = thousands === ' ' ? '[ \\u00a0\\u202f]' : `\\${thousands ?? ''}`
  const groups = thousands === undefined ? undefined : new RegExp(mark, 'g')
  const grouped = new RegExp(`^[+-]?\\d{1,3}(?:${mark}\\d{3})+(?:\\${decimal}\\d*)?$`)
  return (cell) => {
    if (typeof cell === 'number') return cell
    const text = groups && grouped.test(cell.trim()) ? cell.trim().replaceAll(groups, '') : cell
    if (decimal === '.') return numberIn(text)
    return text.includes('.') ? undefined : numberIn(text.replace(decimal, '.'))
  }
}

/** The cell that a field spells; undefined where it is missing. */
export type CellReader = (field: string) => Cell

/** Returns what gives the reader of each column, one for all that are read alike. `values` are no words for a missing one. */
export function cellReaders(
  { missing_values: words = MISSING, formats }: TextForm,
  values?: ReadonlyMap<string, readonly string[]>,
): (column: string) => CellReader {
  const common = cellReader(words)
  return (column) => {
    const [pattern, kept] = [formats?.[column], values?.get(column)]
    return pattern === undefined && kept === undefined ? common : cellReader(words, kept, pattern)
  }
}

function cellReader(words: readonly string[], kept: readonly string[] = [], pattern?: string): CellReader {
  const missing = new Set(['', ...words])
  for (const value of kept) missing.delete(value)
  const dateOf = pattern === undefined ? undefined : datePattern(pattern)
  return (field) => {
    if (missing.has(field)) return undefined
    return dateOf ? (dateOf(field) ?? field) : field
  }
}
