// The features of a table, as someone who looks at it would choose them. The rules stand in the order in which they are
// tried: the first one that holds decides about a column.

import { namesRows } from '../../data/inspect/ids.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import type { DatePart } from '../../runtime/encodings/date.ts'
import { invalidText } from '../../table/table.ts'
import type { Column, NumberColumn, StringColumn, Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import { tagListsIn } from './tag-lists.ts'
import type { TagLists } from './tag-lists.ts'

/** The use of a column; a note says why it is not used as it is. */
export type FeatureChoice = {
  readonly use: 'numbers' | 'categories' | 'array' | 'date' | 'text' | 'none'
  readonly column: string
  readonly missing: number
  readonly note?: string
  /** The parts of a date that differ between rows. */
  readonly parts?: readonly DatePart[]
  /** The tokens of a text, where they are not words between blanks. */
  readonly split?: 'character'
}

/** The most categories of a column, and rows that each of them needs on average. */
const [MOST_CATEGORIES, ROWS_OF_A_CATEGORY] = [200, 4]
/** Words from which a string is a text, and from which a text is a feature beside others: names and addresses have fewer. */
const [WORDS, WORDS_OF_PROSE] = [3, 8]
/** Letters of scripts that put no blanks between words, of which a word has about two. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/gu
const LETTERS_OF_A_WORD = 2

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

/** The most values of a column of numbers with words among them that are labels, as in "1 - never", 2, 3, "4 - always". */
const MOST_NUMBERED = 20

/** The columns of numbers with words among them that are labels, of those that are read as they are written. */
export function labelColumns(written: readonly Column[]): ReadonlyMap<string, StringColumn> {
  return new Map(
    written.flatMap((column) => {
      if (column.kind !== 'string') return []
      const most = Math.min(MOST_NUMBERED, column.values.length / ROWS_OF_A_CATEGORY)
      return new Set(column.values).size <= most ? [[column.name, column] as const] : []
    }),
  )
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
  // Short texts, and columns of very many categories, are features where there is nothing else.
  const [longest] = used.flatMap(({ words = 0 }) => words).toSorted((a, b) => b - a)
  const text = used.find(({ use, words }) => use === 'text' && words === longest)
  const isText = used.every(({ use }) => use === 'text') || (longest ?? 0) >= WORDS_OF_PROSE
  return choices.map((choice): FeatureChoice => {
    const { use, words: _words, ...column } = choice
    if (use === 'text' && !(isText && choice === text)) return { ...column, use: 'none' }
    if (use === 'many') return { ...column, use: used.length === 0 ? 'categories' : 'none' }
    return { ...column, use }
  })
}

/** The choice for a column by itself: `many` categories are used where there is nothing else. */
type OwnChoice = Omit<FeatureChoice, 'use'> & {
  readonly use: FeatureChoice['use'] | 'many'
  /** Words of a text, on average. */
  readonly words?: number
}

function choiceOf(
  { rows, index = [] }: Table,
  column: NumberColumn | StringColumn,
  dates: ReadonlySet<string>,
): OwnChoice {
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
  const isOftenMissing = Math.min(missing, rows - missing) >= ROWS_OF_A_CATEGORY
  if (values.size === 1 && !isOftenMissing) return choose('none', `always ${quote(String([...values][0]))}`)
  if (index.includes(name) || numbersRows(column)) return choose('none', 'row numbers')
  const known = rows - missing
  if (namesRows(column, values.size, known))
    return choose('none', `an id: ${counted(values.size, 'different value')} in ${counted(known, 'row')}`)
  if (column.kind === 'number') {
    if (!column.invalid) return choose('numbers')
    return choose('none', `${invalidText(column.invalid)} among its numbers`)
  }
  const strings = column.values.filter((text) => text !== '')
  if (dates.has(name) || strings.every((text) => partsOfDate(text) !== undefined)) {
    const parts = partsThatDiffer(strings)
    if (parts.length === 0) return choose('none', 'dates that differ in seconds alone')
    return { ...choose('date', `dates: ${list(parts)}`), parts }
  }
  const most = Math.max(2, Math.min(MOST_CATEGORIES, known / ROWS_OF_A_CATEGORY))
  if (values.size <= most) return choose('categories')
  const lists = tagListsIn(strings)
  const { words, ...divided } = wordsOf(strings)
  if (words >= WORDS) {
    const what = lists ? `lists of ${lists.words} words` : 'free text'
    return { ...choose('text', `${what}: to use it, see nnlab explain tokens`), ...divided, words }
  }
  // Lists of strings in JSON are words between blanks.
  const listed = lists ?? tagListsIn(strings, [' '])
  const different = `${counted(values.size, 'different string')} in ${counted(known, 'row')}`
  return choose(values.size < known ? 'many' : 'none', listed ? listsNote(listed) : different)
}

/** The reason why lists are no feature, and how they become one. */
function listsNote({ separator, words, isSpaced }: TagLists): string {
  const remedy = isSpaced
    ? 'to use them, see nnlab explain tokens'
    : 'to use them, give each word a column of 0 and 1'
  return `lists of ${words} words between ${quote(separator)}: ${remedy}`
}

/** The words of texts, on average, and how they are divided where not by blanks. */
function wordsOf(texts: readonly string[]): { words: number; split?: 'character' } {
  const mean = (count: (text: string) => number): number =>
    texts.reduce((sum, text) => sum + count(text), 0) / texts.length
  const unspaced = mean((text) => text.match(UNSPACED)?.length ?? 0)
  if (unspaced > mean((text) => text.match(/\p{L}/gu)?.length ?? 0) / 2)
    return { words: unspaced / LETTERS_OF_A_WORD, split: 'character' }
  // Groups of digits alone, as in numbers of phones, are no text.
  return { words: mean((text) => (/\p{L}/u.test(text) ? text.split(/\s+/).length : 0)) }
}

/** True for whole numbers that count all rows from 0 or 1, whatever the column is called. */
function numbersRows(column: Column): boolean {
  if (column.kind !== 'number' || column.values.length < 3) return false
  const [first = NaN] = column.values
  return (first === 0 || first === 1) && column.values.every((value, row) => value === first + row)
}

const PARTS: readonly DatePart[] = ['year', 'month', 'day', 'weekday', 'hour', 'minute']

/** The parts in which dates differ; the weekday where the day does. */
function partsThatDiffer(dates: readonly string[]): DatePart[] {
  const different = new Map(PARTS.map((part) => [part, new Set<number>()]))
  for (const date of dates) {
    const parts = partsOfDate(date)
    if (parts) for (const part of PARTS) different.get(part)?.add(parts[part])
  }
  const differs = (part: DatePart): boolean => (different.get(part)?.size ?? 0) > 1
  return PARTS.filter((part) => differs(part) && (part !== 'weekday' || differs('day')))
}
