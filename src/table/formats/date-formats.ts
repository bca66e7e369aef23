// The patterns of dates and times in text files.

import { partsOfDate } from '../../runtime/encodings/date.ts'
import { datePattern, timePattern } from '../../runtime/date-format.ts'

const dates = [
  'dd.MM.yyyy',
  'MM/dd/yyyy',
  'dd/MM/yyyy',
  'yyyy/MM/dd',
  'dd-MM-yyyy',
  'dd.MM.yy',
  'MM/dd/yy',
  'dd/MM/yy',
  'MMM d yyyy',
  'MMM d, yyyy',
  'd MMM yyyy',
  'd-MMM-yyyy',
  'd-MMM-yy',
  'EEE, d MMM yyyy',
  'MMMM d, yyyy',
  'd MMMM yyyy',
  'd. MMMM yyyy',
  "d 'de' MMMM 'de' yyyy",
  'EEEE, d MMMM yyyy',
  'EEEE, MMMM d, yyyy',
  'yyyyMMdd',
  'yyyy.MM.dd',
  'yyyy. M. d.',
  'yyyy年M月d日',
  'yyyy년 M월 d일',
  'yyyy-MM',
  'MM.yyyy',
  'MM/yyyy',
  'MMM yyyy',
  'MMMM yyyy',
  'MMM-yy',
  "yyyy'M'MM",
  'yyyyQQQ',
  'yyyy-QQQ',
  'QQQ yyyy',
  'yyyy QQQ',
]
const times = [
  '',
  ' HH:mm',
  ', HH:mm',
  ', HH:mm:ss',
  ' HH:mm:ss',
  ' h:mm a',
  ' h:mm:ss a',
  ' HH:mm:ss XXX',
  ' h:mm:ss a z',
]

/** The patterns in which all these strings are dates, the likeliest first; none where ISO 8601 is one. */
export function dateFormats(strings: readonly string[]): string[] {
  if (strings.length === 0 || strings.some((string) => partsOfDate(string))) return []
  return dateReaders().flatMap(({ pattern, read }) =>
    strings.every((string) => partsOfDate(read(string) ?? '') !== undefined) &&
    (pattern !== MONTHS || strings.every((string) => MONTH.test(string)))
      ? [pattern]
      : [],
  )
}

/** A pattern that decimals fit, too, and what fits it alone. */
const [MONTHS, MONTH] = ['MM.yyyy', /^[01]\d\.(?:19|20)\d\d$/]

type DateReader = { pattern: string; read: ReturnType<typeof datePattern> }
let made: DateReader[] | undefined

/** The readers of all patterns, made once: a table may have a million columns. */
function dateReaders(): readonly DateReader[] {
  made ??= dates
    .flatMap((date) => times.map((time) => date + time))
    .concat('dd/MMM/yyyy:HH:mm:ss XXX')
    .map((pattern) => ({ pattern, read: datePattern(pattern) }))
  return made
}

/** The patterns of the dates of a column. */
type DatedColumn = { readonly name: string; readonly patterns: readonly string[] }

const DAY_FIRST = /^dd[./-]/
const MONTH_FIRST = /^(?:MM\/dd|MMMM? d)/

/** The pattern of each column: that of 01/02/2023 has the order of day and month that other columns show, else that of the place. */
export function withOneOrder(columns: readonly DatedColumn[], isDayFirstPlace: boolean): [string, string][] {
  const countOf = (order: RegExp): number =>
    columns.filter(({ patterns }) => patterns.every((pattern) => order.test(pattern))).length
  const [dayFirst, monthFirst] = [countOf(DAY_FIRST), countOf(MONTH_FIRST)]
  const isDayFirst = dayFirst === monthFirst ? isDayFirstPlace : dayFirst > monthFirst
  const order = isDayFirst ? DAY_FIRST : MONTH_FIRST
  return columns.flatMap(({ name, patterns }) => {
    const pattern = patterns.find((one) => order.test(one)) ?? patterns[0]
    return pattern === undefined ? [] : [[name, pattern]]
  })
}

/** The pattern of times of day and durations, whose hours come first; undefined where they are none. */
export function timePatternOf(strings: readonly string[]): string | undefined {
  return ['H:mm:ss', 'H:mm', 'h:mm:ss a', 'h:mm a'].find((pattern) => {
    const read = timePattern(pattern)
    return strings.every((string) => read(string) !== undefined)
  })
}
