// How the values of text files are written: the signs in numbers, patterns of dates, times and numbers with units, and the
// words and numbers that stand for missing values.

import { booleanIn } from '../../runtime/cell.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { numberReader } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'
import { MISSING } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import { dateFormats, timePatternOf, withOneOrder } from './date-formats.ts'
import { areNumbers, likelyForms, plainForm, signsOf } from './number-form.ts'
import { numberPatternOf, numbersOf } from './number-pattern.ts'
import { isPlaceholder } from './placeholder.ts'
import { standInsOf } from './stand-ins.ts'

/** The most words for a missing value in a column of numbers or dates, besides the usual ones, and the most of its values that any word may take. */
const [MOST_WORDS, MOST_OF_VALUES] = [4, 0.1]

/** A column whose values may be numbers or dates, and the words among them that stand for a missing value. */
type Candidate = {
  readonly name: string
  readonly values: readonly string[]
  readonly words: readonly string[]
}

/** Numbers and dates have digits; undefined where too many strings have none. */
function candidate(name: string, strings: readonly string[]): Candidate | undefined {
  const isValue = (string: string): boolean => /\d/.test(string) && !isPlaceholder(string)
  const values = strings.filter(isValue)
  const words = [...new Set(strings.filter((string) => !isValue(string)))]
  const share = 1 - values.length / strings.length
  const isMissing = share <= MOST_OF_VALUES || words.every(isPlaceholder)
  const own = words.filter((word) => !isPlaceholder(word))
  if (values.length === 0 || own.length > MOST_WORDS || !isMissing) return undefined
  return words.some((word) => booleanIn(word) !== undefined) ? undefined : { name, values, words }
}

/** True where the day comes first in dates: in files of semicolons, and where commas divide fractions. */
function isOfDays([form = plainForm]: readonly NumberSigns[], delimiter: string): boolean {
  return form.decimal === ',' || (delimiter === ';' && form.thousands !== ',')
}

/** The form of the values in records below their header. */
export function valuesForm(
  [names = [], ...rows]: readonly (readonly string[])[],
  delimiter: string,
): TextForm {
  const known = new Set(MISSING)
  const columns = names.flatMap(
    (name, i) =>
      candidate(
        name,
        rows.flatMap((row) => (known.has(row[i] ?? '') ? [] : (row[i] ?? []))),
      ) ?? [],
  )
  const dated = columns
    .map(({ name, values }) => ({ name, patterns: dateFormats(values) }))
    .filter(({ patterns }) => patterns.length > 0)
  const datedNames = new Set(dated.map(({ name }) => name))
  const undated = columns.flatMap(({ name, values }) => (datedNames.has(name) ? [] : [values]))
  const forms = likelyForms(undated.map(numbersOf), delimiter)
  const formats = withOneOrder(dated, isOfDays(forms, delimiter))
  const signs = signsOf(undated, forms)
  const plain = new Set(
    columns.filter(
      ({ name, values }) =>
        datedNames.has(name) || values.every((value) => partsOfDate(value)) || areNumbers(values, signs),
    ),
  )
  const others = columns.flatMap((column): [string, string][] => {
    if (plain.has(column)) return []
    const pattern = numberPatternOf(column.values, forms) ?? timePatternOf(column.values)
    return pattern === undefined ? [] : [[column.name, pattern]]
  })
  const patterns = new Map([...formats, ...others])
  const words = new Set([
    ...columns.flatMap((column) => (plain.has(column) || patterns.has(column.name) ? column.words : [])),
    ...standInsOf(
      Array.from(plain, ({ values }) => values),
      numberReader(signs),
    ),
  ])
  return {
    ...signs,
    ...(words.size > 0 && { missing_values: [...MISSING.filter(Boolean), ...words] }),
    ...(patterns.size > 0 && { formats: Object.fromEntries(patterns) }),
  }
}
