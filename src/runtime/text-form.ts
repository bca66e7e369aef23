import { ownValue } from '../own-value.ts'
import type { Cell } from './cell.ts'
import { datePattern, isTimePattern, timePattern } from './date-format.ts'
import { isNumberPattern, numberPattern } from './number-format.ts'
import type { NumberSigns } from './number-format.ts'

/** The way in which files write values, where it is not the usual one: saved with a model. */
export type TextForm = NumberSigns & {
  readonly missing_values?: readonly string[] | undefined
  /** Patterns of dates and of numbers by column. */
  readonly formats?: Readonly<Record<string, string>> | undefined
}

/** Words for a missing value in text files. */
export const MISSING = ['', 'NA', 'N/A', '#N/A', '<NA>', 'NaN', 'nan', 'NAN', 'null', 'NULL', '?']

/** The cell that a field spells; undefined where it is missing. */
export type CellReader = (field: string) => Cell

/** Returns what gives the reader of each column, one for all that are read alike. `values` are no words for a missing one. */
export function cellReaders(
  { missing_values: words = MISSING, formats }: TextForm,
  values?: ReadonlyMap<string, readonly string[]>,
): (column: string) => CellReader {
  const common = cellReader(words)
  return (column) => {
    const [pattern, kept] = [ownValue(formats, column), values?.get(column)]
    return pattern === undefined && kept === undefined ? common : cellReader(words, kept, pattern)
  }
}

function cellReader(words: readonly string[], kept: readonly string[] = [], pattern?: string): CellReader {
  const missing = new Set(['', ...words])
  for (const value of kept) missing.delete(value)
  const valueOf = pattern === undefined ? undefined : valuePattern(pattern)
  return (field) => {
    if (missing.has(field)) return undefined
    return valueOf ? (valueOf(field) ?? field) : field
  }
}

/** Returns what reads the values that a pattern of numbers, times or dates describes. */
function valuePattern(pattern: string): (field: string) => Cell {
  if (isNumberPattern(pattern)) return numberPattern(pattern)
  return isTimePattern(pattern) ? timePattern(pattern) : datePattern(pattern)
}

/** True for a pattern of dates, which stay strings. */
export function isDatePattern(pattern: string): boolean {
  return !isNumberPattern(pattern) && !isTimePattern(pattern)
}
