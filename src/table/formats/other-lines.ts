// The lines of a csv file that are no rows: a title above the header, the header again, lines drawn of signs, units and
// questions below the header, totals and remarks.

import { numberIn } from '../../runtime/cell.ts'
import { CsvScanner } from './csv-scanner.ts'
import { isPlaceholder } from './placeholder.ts'

/** A line of fields, or several where there are breaks in quotes. */
export type CsvRecord = {
  /** The number of its first line. */
  readonly line: number
  readonly fields: readonly string[]
  /** The record as it is written. */
  readonly text: () => string
}

/** The records as one delimiter divides them, and the lines that are none. */
export type DividedText = {
  readonly delimiter: string
  readonly records: readonly (readonly string[])[]
  readonly skip_rows: number
  /** The beginnings of lines below the header that are no rows. */
  readonly comments: readonly string[]
}

/** The most lines of a title above the header, and of units and questions below it. */
const [MOST_OF_TITLE, MOST_HEADINGS] = [20, 3]
/** The most lines of remarks below the rows. */
export const MOST_REMARKS = 8
/** The most of the rows that are totals: those of groups of two. */
const MOST_TOTALS = 0.5
/** Rows that tell which columns are numbers. */
const SAMPLE = 50

const TOTAL =
  /^(?:(?:grand|sub|overall|net)[ -]?)?(?:totals?|sum|average|mean|(?:zwischen|gesamt)?summe|gesamt(?:ergebnis)?|insgesamt|mittelwert|durchschnitt|sous-total|total général|somme|ensemble|moyenne|suma|media|promedio|totale|somma|totaal|totalt|summa|razem|итого|всего|合計|総計|小計|平均|合计|总计|小计|합계|총계)\s*:?$|\s(?:total|summe|ergebnis)$/iu
/** The beginning of a number or a date, with a minus, a bound or a currency before it. */
const NUMBER = /^[-+\u2212(<>≤≥≈~]?\s?\p{Sc}?\s?[-+]?[.,]?\d/u
/** Marks of remarks that a row which was cut off hardly has: a sign before them, a colon, or three words. */
const REMARK = /^["'(*[†]|:|\S+\s+\S+\s+\S/

/** The records below a title, whose lines have a single text, or fewer fields than the header where they may be short. */
export function withoutOtherLines(
  delimiter: string,
  all: readonly CsvRecord[],
  isShort: boolean,
): DividedText {
  const { length = 0 } = all[all.length >> 1]?.fields ?? []
  const top = all.findIndex(
    ({ fields }) =>
      fields.length >= (isShort ? Math.max(2, length - 1) : 0) &&
      (fields.length < 3 || fields.filter(Boolean).length > 1),
  )
  const [above, header, row] = all.slice(top, top + 3).map(({ fields }) => fields)
  const first = above && header && row && isMerged(above, header, row) ? top + 1 : top
  const isTitled = first > 0 && first <= MOST_OF_TITLE
  const { records, comments } = rowsAmong(isTitled ? all.slice(first) : all, delimiter)
  return {
    delimiter,
    records: records.map(({ fields }) => fields),
    skip_rows: isTitled ? (all[first]?.line ?? 1) - 1 : 0,
    comments,
  }
}

/** True for names of groups of columns above their own names: one for several columns, with empty fields beside it. */
function isMerged(above: readonly string[], header: readonly string[], row: readonly string[]): boolean {
  const isName = (field: string): boolean => field !== '' && numberIn(field) === undefined
  const isBelow = header.length === above.length && header.every(isName)
  return above.includes('') && isBelow && row.some((field) => numberIn(field) !== undefined)
}

/** A header and the rows below it, without the lines that are none, and the beginnings that tell these from rows. */
function rowsAmong(
  records: readonly CsvRecord[],
  delimiter: string,
): { records: readonly CsvRecord[]; comments: readonly string[] } {
  const width = mostWidth(records)
  const [header, ...below] = records
  if (width < 2 || header === undefined || header.fields.length < width - 1) return { records, comments: [] }

  const repeated = new Set(below.filter(({ fields }) => isSame(fields, header.fields)))
  const drawn = below.filter(isDrawn)
  const written = below.filter((record) => !repeated.has(record) && !isDrawn(record))
  const headings = headingsIn(written)
  const remarks = remarksIn(written, width)
  const totals = totalsIn(written.slice(headings.length, written.length - remarks.length))

  const others = new Map<CsvRecord, readonly string[]>([
    ...drawn.map((record) => [record, [record.text().slice(0, 3)]] as const),
    ...[...headings, ...totals].map((record) => [record, beginningsOf(record, delimiter)] as const),
    ...remarks.map((record) => [record, beginningsOfRemark(record.text())] as const),
  ])
  const comments = others.size > 0 ? commentsFor(others, [header, ...written]) : new Map()
  return {
    records: records.filter((record) => !repeated.has(record) && !comments.has(record)),
    comments: [...new Set(comments.values())],
  }
}

/** The beginning of each line that is no row, of several the first that no row has; lines without one are rows. */
function commentsFor(
  others: ReadonlyMap<CsvRecord, readonly string[]>,
  written: readonly CsvRecord[],
): Map<CsvRecord, string> {
  const rows = written.filter((record) => !others.has(record)).map((record) => record.text())
  const comments = new Map<CsvRecord, string>()
  for (const [record, beginnings] of others) {
    const known = [...comments.values()].find((comment) => record.text().startsWith(comment))
    const comment = known ?? beginnings.find((one) => !rows.some((text) => text.startsWith(one)))
    if (comment !== undefined) comments.set(record, comment)
  }
  return comments
}

/** The fields that most of the records have; 0 where these are no majority. */
export function mostWidth(records: readonly CsvRecord[]): number {
  const width = records[records.length >> 1]?.fields.length ?? 0
  return 2 * records.filter(({ fields }) => fields.length === width).length > records.length ? width : 0
}

function isSame(fields: readonly string[], others: readonly string[]): boolean {
  return fields.length === others.length && fields.every((field, i) => field === others[i])
}

/** True for a line such as `-----+-----`. */
function isDrawn({ fields }: CsvRecord): boolean {
  return fields.every((field) => /^[-=_*~+|:]*$/.test(field)) && fields.some((field) => field.length > 1)
}

/** The first lines, where they have words in columns of numbers, and nothing that is there again below. */
function headingsIn(rows: readonly CsvRecord[]): readonly CsvRecord[] {
  for (let count = MOST_HEADINGS; count > 0; count--) {
    const sample = rows.slice(count, count + SAMPLE).map(({ fields }) => fields)
    if (sample.length < 3) continue
    const numeric = (sample[0] ?? []).map((_, i) =>
      sample.every((fields) => fields[i] === '' || NUMBER.test(fields[i] ?? '')),
    )
    const isHeading = ({ fields }: CsvRecord): boolean => {
      const words = fields.map((field, i) => [field, i] as const).filter(([field]) => field !== '')
      const units = words.filter(([, i]) => numeric[i])
      const isUnit = units.every(([field]) => !NUMBER.test(field) && !isPlaceholder(field))
      const isAgain = words.some(([field, i]) => sample.some((below) => below[i] === field))
      return isUnit && !isAgain && units.length >= (units.length === words.length ? 1 : 2)
    }
    const headings = rows.slice(0, count)
    if (headings.every(isHeading)) return headings
  }
  return []
}

/** The last lines, where they have fewer fields than rows, and are set apart or read like remarks. */
function remarksIn(rows: readonly CsvRecord[], width: number): readonly CsvRecord[] {
  const isRow = ({ fields }: CsvRecord): boolean =>
    fields.length >= width && (width < 3 || fields.filter(Boolean).length > 1)
  const last = rows.findLastIndex(isRow)
  const remarks = rows.slice(last + 1)
  const [first] = remarks
  const before = rows[last]
  if (first === undefined || before === undefined) return []
  // Spreadsheets write delimiters alone for as many lines as they had once.
  if (remarks.filter((record) => !isBlank(record)).length > MOST_REMARKS) return []
  const isApart = isBlank(first) || first.line - before.line > before.text().split('\n').length
  return isApart || remarks.every((record) => REMARK.test(record.text()) || isTotalAlone(record))
    ? remarks
    : []
}

function isBlank({ fields }: CsvRecord): boolean {
  return fields.every((field) => field === '')
}

/** True for a word for a total without any numbers. */
function isTotalAlone({ fields }: CsvRecord): boolean {
  const [word = '', ...others] = fields.filter(Boolean)
  return others.length === 0 && TOTAL.test(word)
}

/** Rows with a word for a total, of which more fields are empty than usual; the last one may have all of them, or no word. */
function totalsIn(rows: readonly CsvRecord[]): readonly CsvRecord[] {
  const blanks = rows.map(({ fields }) => fields.filter((field) => field === '').length)
  const usual = blanks.toSorted((a, b) => a - b)[blanks.length >> 1] ?? 0
  const last = rows.at(-1)
  const totals = rows.filter((record, row) => {
    const { fields } = record
    if ((blanks[row] ?? 0) <= usual && record !== last) return false
    if (!fields.some((field) => /\d/.test(field))) return false
    const label = fields.findIndex((field) => field !== '' && !/^[-+\d]/.test(field) && TOTAL.test(field))
    if (record !== last) return label >= 0
    const at = Math.max(0, label)
    const isUnlabeled =
      fields[0] === '' && blanks.every((count, i) => i === row || count < (blanks[row] ?? 0))
    return (
      (label >= 0 || isUnlabeled) &&
      rows.every((other) => other === record || other.fields[at] !== fields[at])
    )
  })
  return totals.length <= Math.max(1, MOST_TOTALS * rows.length) ? totals : []
}

/** The beginnings of a record: its empty fields, then those to each other one. */
function beginningsOf({ fields, text }: CsvRecord, delimiter: string): string[] {
  const bytes = Buffer.from(text())
  const scanner = new CsvScanner(delimiter)
  scanner.scan(bytes, 0, true)
  const { ends, quotes } = scanner
  const first = fields.findIndex((field) => field !== '')
  return fields.flatMap((_, i) => {
    const end = (ends[i] ?? 0) + (quotes[i] === 0 ? 0 : 1)
    return i < first - 1 ? [] : [bytes.toString('utf8', 0, end + 1)]
  })
}

/** The words of a remark to its colon or its first number, or all of it. */
function beginningsOfRemark(text: string): string[] {
  const [line = ''] = text.split('\n')
  const [words] = /^[^\d:]{2,40}:|^\D{1,40}(?=\d)/.exec(line) ?? []
  return [...(words === undefined ? [] : [words]), line]
}
