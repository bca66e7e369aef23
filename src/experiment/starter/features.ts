// The features of a table, as someone who looks at it would choose them. The rules stand in the order in which they are
// tried: the first one that holds decides about a column.

import { partsOfDate } from '../../runtime/encodings/date.ts'
import { invalidText } from '../../table/table.ts'
import type { Column, NumberColumn, StringColumn, Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'

/** The use of a column; a note says why it is not used as it is. */
export type FeatureChoice = {
  readonly use: 'numbers' | 'categories' | 'array' | 'date' | 'text' | 'none'
  readonly column: string
  readonly missing: number
  readonly note?: string
}

/** The most categories of a column, and rows that each of them needs on average. */
const [MOST_CATEGORIES, ROWS_OF_A_CATEGORY] = [200, 4]
/** Words from which a string is a text. */
const WORDS = 3

const INDEX_NAME = /^(|column_1|unnamed: \d+|index|row|row_?(id|nr|num|number)|nr|no|#)$/i
const ID_NAME = /(^|[^a-z])(id|uuid|guid|key)$|[a-z](Id|ID)$/i

/** The column that says which split each row belongs to, if there is one. */
export function splitColumn({ columns }: Table): string | undefined {
  const splits = new Set(['train', 'validation', 'test'])
  return columns.find(
    ({ name, kind, values }) =>
      name.toLowerCase() === 'split' &&
      kind === 'string' &&
      values.every((value) => splits.has(value)) &&
      values.includes('validation'),
  )?.name
}

/** Chooses the use of each column that has none yet; `dates` are those that a pattern reads. */
export function chooseFeatures(
  table: Table,
  taken: ReadonlySet<string | undefined>,
  dates: ReadonlySet<string> = new Set(),
): FeatureChoice[] {
  const seen = new Set(taken)
  const choices = table.columns.flatMap((column) => {
    if (seen.has(column.name)) return []
    seen.add(column.name)
    return [
      column.kind === 'array'
        ? { use: 'array' as const, column: column.name, missing: 0 }
        : choiceOf(table, column, dates),
    ]
  })
  const used = choices.filter(({ use }) => use !== 'none' && use !== 'many')
  // Texts, and columns of very many categories, are features where there is nothing else.
  const [text] = used.every(({ use }) => use === 'text') ? used : []
  return choices.map((choice): FeatureChoice => {
    const { use, ...column } = choice
    if (use === 'text' && choice !== text) return { ...column, use: 'none' }
    if (use === 'many') return { ...column, use: used.length === 0 ? 'categories' : 'none' }
    return { ...column, use }
  })
}

/** The use of a column by itself; `many` categories are used where there is nothing else. */
function choiceOf(
  { rows }: Table,
  column: NumberColumn | StringColumn,
  dates: ReadonlySet<string>,
): Omit<FeatureChoice, 'use'> & { readonly use: FeatureChoice['use'] | 'many' } {
  const { name } = column
  const values = new Set<string | number>()
  let missing = 0
  for (const value of column.values) {
    if (value === '' || Number.isNaN(value)) missing += 1
    else values.add(value)
  }
  const choose = <Use extends string>(use: Use, note?: string) => ({
    use,
    column: name,
    missing,
    ...(note !== undefined && { note }),
  })
  if (values.size === 0) return choose('none', 'empty')
  if (values.size === 1) return choose('none', `always ${quote(String([...values][0]))}`)
  if (numbersRows(column)) return choose('none', 'row numbers')
  const known = rows - missing
  if (values.size === known && known > 1 && ID_NAME.test(name))
    return choose('none', 'a different value in each row')
  if (column.kind === 'number') {
    if (!column.invalid) return choose('numbers')
    return choose('none', `${invalidText(column.invalid)} among its numbers`)
  }
  const strings = column.values.filter((text) => text !== '')
  if (dates.has(name) || strings.every((text) => partsOfDate(text) !== undefined)) {
    return choose('date', 'dates, as year, month, day and weekday')
  }
  const most = Math.max(2, Math.min(MOST_CATEGORIES, known / ROWS_OF_A_CATEGORY))
  if (values.size <= most) return choose('categories')
  const words = strings.reduce((sum, text) => sum + text.split(/\s+/).length, 0) / strings.length
  if (words >= WORDS) return choose('text', 'free text: to use it, see nnlab explain tokens')
  return choose(
    values.size < known ? 'many' : 'none',
    `${counted(values.size, 'different string')} in ${counted(known, 'row')}`,
  )
}

/** True for whole numbers that count from row to row. */
function numbersRows(column: Column): boolean {
  if (column.kind !== 'number' || column.values.length < 3 || !INDEX_NAME.test(column.name)) return false
  const [first = NaN] = column.values
  return Number.isInteger(first) && column.values.every((value, row) => value === first + row)
}
