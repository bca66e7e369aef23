// How the values of text files are written: the signs in numbers, patterns of dates, times and numbers with units, and the
// words and numbers that stand for missing values.

import { datePattern, timePattern } from '../../runtime/date-format.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { booleanIn } from '../../runtime/cell.ts'
import { COMPACT, isBound, numberReader, patternOf } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'
import { MISSING } from '../../runtime/text-form.ts'
import type { TextForm } from '../../runtime/text-form.ts'
import { isPlaceholder } from './placeholder.ts'

const numberForms: readonly NumberSigns[] = [
  { thousands: ',' },
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { thousands: ' ' },
  { thousands: "'" },
  { decimal: ',', thousands: ' ' },
]

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

const plainForm: NumberSigns = {}
const allForms: readonly NumberSigns[] = [plainForm, ...numberForms]

/** The signs of the numbers that all these strings are; undefined where they are none, or plain ones. */
export function numberForm(strings: readonly string[]): NumberSigns | undefined {
  if (areNumbers(strings, plainForm)) return undefined
  return numberForms.find((form) => areNumbers(strings, form))
}

/** The test of each form, made once: a table may have a million columns. */
const testsMade = new WeakMap<NumberSigns, ReturnType<typeof numberTest>>()

/** True where all strings are numbers with these signs. */
function areNumbers(strings: readonly string[], form: NumberSigns): boolean {
  const isNumber = testsMade.get(form) ?? numberTest(form)
  testsMade.set(form, isNumber)
  return strings.every(isNumber)
}

/** The form of the fewest signs in which these strings are the same numbers. */
function simplestForm(form: NumberSigns, strings: readonly string[]): NumberSigns {
  const read = numberReader(form)
  const isSame = (other: NumberSigns): boolean => {
    const readOther = numberReader(other)
    return areNumbers(strings, other) && strings.every((string) => readOther(string) === read(string))
  }
  return allForms.find(isSame) ?? form
}

/** The forms, those first in which most columns are numbers. */
function byColumns(forms: readonly NumberSigns[], columns: readonly (readonly string[])[]): NumberSigns[] {
  return forms
    .map((form) => ({ form, count: columns.filter((values) => areNumbers(values, form)).length }))
    .toSorted((a, b) => b.count - a.count)
    .map(({ form }) => form)
}

/** Returns what tells numbers with these signs; 0,123 and 0.123 are no numbers of thousands. */
function numberTest(form: NumberSigns): (string: string) => boolean {
  const read = numberReader(form)
  const fraction = form.thousands === undefined ? undefined : new RegExp(`^[+-]?0\\${form.thousands}`)
  return (string) => read(string) !== undefined && fraction?.test(string) !== true
}

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
function withOneOrder(columns: readonly DatedColumn[], isDayFirstPlace: boolean): [string, string][] {
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

/** True where the day comes first in dates: in files of semicolons, and where commas divide fractions. */
function isOfDays([form = plainForm]: readonly NumberSigns[], delimiter: string): boolean {
  return form.decimal === ',' || (delimiter === ';' && form.thousands !== ',')
}

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

/** A number whose point may divide groups of three digits. */
const GROUPED = /^[+-]?\d{1,3}(\.\d{3})+$/

/** The forms of numbers, those first in which most columns are numbers, with units beside them or without. */
function likelyForms(columns: readonly (readonly string[])[], delimiter: string): NumberSigns[] {
  const likely = delimiter === ';' ? formsBesideSemicolons(columns) : []
  return byColumns([...likely, ...allForms], columns)
}

/** The forms that come first in a file of semicolons: it is of a place where 1.234 is a whole number and 1,234 is not. */
function formsBesideSemicolons(columns: readonly (readonly string[])[]): readonly NumberSigns[] {
  if (columns.some((values) => values.some((value) => GROUPED.test(value))))
    return numberForms.filter(({ thousands }) => thousands === '.')
  return haveThreeDecimals(columns) ? [{ decimal: ',' }] : []
}

/** A number that has three digits behind a comma: decimals, or a group of thousands. */
const THREE_BEHIND = /^[+-]?\d{1,3},\d{3}$/

/** True where all numbers of a column have three digits behind a comma, if they have one: some of thousands would have none. */
function haveThreeDecimals(columns: readonly (readonly string[])[]): boolean {
  const withComma = columns.filter((values) => values.some((value) => THREE_BEHIND.test(value)))
  return (
    withComma.length > 0 && withComma.every((values) => values.every((value) => THREE_BEHIND.test(value)))
  )
}

/** The numbers of a column, without the units beside them. */
function numbersOf(values: readonly string[]): readonly string[] {
  const isAlone = areNumbers(values, plainForm) || numberPatternOf(values, allForms) === undefined
  return isAlone ? values : values.map((value) => DIGITS.exec(value)?.[0] ?? value)
}

/** The signs with which the most columns are numbers without units, plain ones before others. */
function signsOf(columns: readonly Candidate[], forms: readonly NumberSigns[]): NumberSigns {
  const all = columns.map(({ values }) => values)
  const [best = plainForm] = byColumns(forms, all)
  if (best === plainForm) return best
  return simplestForm(
    best,
    all.flatMap((values) => (areNumbers(values, best) ? values : [])),
  )
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
  const datedColumns = columns.map(({ name, values }) => ({ name, patterns: dateFormats(values) }))
  const dated = new Set(datedColumns.flatMap(({ name, patterns }) => (patterns.length > 0 ? [name] : [])))
  const undated = columns.filter(({ name }) => !dated.has(name))
  const forms = likelyForms(
    undated.map(({ values }) => numbersOf(values)),
    delimiter,
  )
  const formats = withOneOrder(
    datedColumns.filter(({ name }) => dated.has(name)),
    isOfDays(forms, delimiter),
  )
  const signs = signsOf(undated, forms)
  const plain = new Set(
    columns.filter(
      ({ name, values }) =>
        dated.has(name) || values.every((value) => partsOfDate(value)) || areNumbers(values, signs),
    ),
  )
  const others = columns.flatMap((column): [string, string][] => {
    const pattern = plain.has(column) ? undefined : patternOfValues(column.values, forms)
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

function patternOfValues(strings: readonly string[], forms: readonly NumberSigns[]): string | undefined {
  return numberPatternOf(strings, forms) ?? timePatternOf(strings)
}

/** One unit; S alone marks a debit. */
const UNIT =
  /(?:[%‰℃℉㎡+"″]|° ?[CFNSEOW]?|\p{Sc}|(?!S$)\p{L}|\p{Lo}{1,3}|\p{L}{1,3}[²³]|(?:[ckm]?m|ft)[23]|\p{L}{2,5}\.?(?: ?\p{L}{2,6}\.?)?)/u
/** A unit that another is divided by, as in km/h. */
const PER = /(?: ?\/ ?(?:[ckm]?m[23]|\p{L}{1,6}[²³]?))/u
const BOUND = /[<>≤≥≈~\\]/
const CURRENCIES = /(?:USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|CZK)/
/** The sign of a bound or of a currency. */
const BEFORE = new RegExp(
  `(?<before>${BOUND.source}|(?:[A-Z]{1,2}(?=\\p{Sc}))?\\p{Sc}|${CURRENCIES.source}(?=\\s?[\\d+-]))`,
  'u',
)
/** A sign or a code of a currency alone: euros per square meter may have any fraction. */
const MONEY = new RegExp(`^\\s*(?:[A-Z]{0,2}\\p{Sc}|${CURRENCIES.source})\\s*$`, 'u')
const DIGITS = /(?<number>[+-]?\d(?:[\d.,'\u2019\u00a0\u2009\u202f ]*\d)?)/
/** The end of a whole amount: 980.- or 980,-. */
const WHOLE = /[.,][-\u2013\u2014]{1,2}/
/** The most points that a grade is out of, as in 14/20. */
const OUT_OF = /(?: ?\/ ?\d{1,3})/
/** A number with such a sign before it, or a unit behind it; marks of order such as 1st are no units. */
const WITH_UNIT = new RegExp(
  `^[+-]?\\s*${BEFORE.source}?\\s*${DIGITS.source}(?<behind>\\s?(?!(?:st|nd|rd|th|am|pm)$)(?:${UNIT.source}${PER.source}?|${PER.source}|${OUT_OF.source})|${WHOLE.source})?$`,
  'u',
)

/** Different numbers with letters right behind them that are names, such as 4wd, and rows that each needs on average. */
const [MOST_NAMES, ROWS_OF_A_NAME] = [5, 4]

/** Negative numbers without a minus before them, as numbers without a sign; and how the pattern of these becomes theirs. */
const NEGATIVES: readonly (readonly [form: RegExp, number: string, negative: (pattern: string) => string])[] =
  [
    [/^\(\s*(.*\d.*?)\s*\)$/, '$1', (pattern) => `(${pattern})`],
    [/^([^\d(]*)\(\s*(.*\d.*?)\s*\)$/, '$1$2', (pattern) => pattern.replace(/[#0].*/, '($&)')],
    [/^(.*\d.*?)\s*[-\u2212]$/, '$1', (pattern) => `${pattern}-`],
    // The minus of typesetters, and the dash that some write for it.
    [/^\u2212\s*(.*\d.*)$/, '$1', (pattern) => `\u2212${pattern}`],
    [/^\u2013\s*(.*\d.*)$/, '$1', (pattern) => `\u2013${pattern}`],
    // Credit and debit, in English and German.
    [/^(.*\d.*?)\s*DR$/, '$1', (pattern) => `${pattern.replace(/ ?CR$/, '')} DR`],
    [/^(.*\d.*?)\s*S$/, '$1', (pattern) => `${pattern.replace(/ ?H$/, '')} S`],
  ]

/** The pattern of numbers of one column, where all have the same signs and the same unit; undefined where they are none. */
function numberPatternOf(strings: readonly string[], forms: readonly NumberSigns[]): string | undefined {
  const plain = positivePatternOf(strings, forms)
  if (plain !== undefined) return plain
  for (const [form, number, negative] of NEGATIVES) {
    if (!strings.some((string) => form.test(string))) continue
    const pattern = positivePatternOf(
      strings.map((string) => string.replace(form, number)),
      forms,
    )
    // Grades such as 2+ and 2- are no numbers.
    if (pattern !== undefined && !pattern.endsWith('+')) return `${pattern};${negative(pattern)}`
  }
  return undefined
}

function positivePatternOf(strings: readonly string[], forms: readonly NumberSigns[]): string | undefined {
  return compactPatternOf(strings, forms) ?? unitPatternOf(strings, forms)
}

/** Numbers such as 1.5K and 2M, of which some have such a letter; m alone is a unit. */
const WITH_SCALE =
  /^[+-]?(?<before>\p{Sc})?\s*(?<number>[+-]?\d(?:[\d.,]*\d)?)\s?(?<scale>[kKMBT]|m|mn|bn|[Mm]io|[Mm]rd)?\.?$/u

function compactPatternOf(strings: readonly string[], forms: readonly NumberSigns[]): string | undefined {
  const parts = partsBy(WITH_SCALE, strings)
  const scales = new Set(parts.flatMap(({ scale }) => scale ?? []))
  const before = onlyOf(parts, 'before')
  if (parts.length < strings.length || before === undefined) return undefined
  if (scales.size === 0 || (scales.size === 1 && scales.has('m'))) return undefined
  const signs = signsOfNumbers(
    parts.map(({ number = '' }) => number),
    forms,
  )
  return signs && patternOf(signs, before, ` ${COMPACT}`)
}

/** The signs of the numbers that all these strings are, by the first form that fits; undefined where they are none. */
function signsOfNumbers(strings: readonly string[], forms: readonly NumberSigns[]): NumberSigns | undefined {
  const form = forms.find((one) => areNumbers(strings, one))
  return form && simplestForm(form, strings)
}

/** Amounts of money in groups of three digits, whatever the signs of other columns: no price has a fraction such as that of 245.000. */
const AMOUNTS: readonly { form: NumberSigns; all: RegExp; some: RegExp }[] = [
  {
    form: { decimal: ',', thousands: '.' },
    all: /^[+-]?\d{1,3}(?:\.\d{3})*$/,
    some: /^[+-]?\d{3}(?:\.|$)/,
  },
  { form: { thousands: ',' }, all: /^[+-]?\d{1,3}(?:,\d{3})*$/, some: /^[+-]?\d{3}(?:,|$)/ },
]
/** The share of amounts that end in 0, at least; one in ten fractions does. */
const ROUND = 1 / 3

function signsOfAmounts(strings: readonly string[]): NumberSigns | undefined {
  const round = strings.filter((string) => string.endsWith('0')).length
  if (round < ROUND * strings.length || strings.every((string) => /^[+-]?\d+$/.test(string))) return undefined
  return AMOUNTS.find(
    ({ all, some }) =>
      strings.every((string) => all.test(string)) && strings.some((string) => some.test(string)),
  )?.form
}

function partsBy(form: RegExp, strings: readonly string[]): Readonly<Record<string, string>>[] {
  return strings.flatMap((string) => {
    const groups = form.exec(string)?.groups
    return groups ? [groups] : []
  })
}

function unitPatternOf(strings: readonly string[], forms: readonly NumberSigns[]): string | undefined {
  const parts = partsBy(WITH_UNIT, strings)
  const bound = parts.map((part) => part['before'] ?? '').find(isBound)
  // The pattern of one bound reads all of them.
  const isBounded = parts.every((part) => !part['before'] || isBound(part['before']))
  const before = bound !== undefined && isBounded ? bound : onlyOf(parts, 'before')
  const behind = onlyOf(parts, 'behind')
  if (parts.length < strings.length || before === undefined || behind === undefined) return undefined
  const numbers = parts.map((part) => part['number'] ?? '')
  const isWord = /^\p{L}/u.test(behind)
  if (isWord && new Set(numbers).size <= Math.min(MOST_NAMES, numbers.length / ROWS_OF_A_NAME))
    return undefined
  const isMoney = MONEY.test(before) || MONEY.test(behind)
  const signs = (isMoney ? signsOfAmounts(numbers) : undefined) ?? signsOfNumbers(numbers, forms)
  return signs && patternOf(signs, before, behind)
}

/** The pattern of times of day and durations, whose hours come first; undefined where they are none. */
function timePatternOf(strings: readonly string[]): string | undefined {
  return ['H:mm:ss', 'H:mm', 'h:mm:ss a', 'h:mm a'].find((pattern) => {
    const read = timePattern(pattern)
    return strings.every((string) => read(string) !== undefined)
  })
}

/** The string that all have in a part, or none; undefined where they differ. */
function onlyOf(parts: readonly Readonly<Record<string, string>>[], name: string): string | undefined {
  const [only = '', ...others] = new Set(parts.map((part) => part[name] ?? '').filter(Boolean))
  return others.length > 0 ? undefined : only
}

/**
 * A number of nines, which programs and surveys write where there is none, or one of the codes just below it, such as 97 and
 * 98 beside 99; the rows in which they stand, and how far they are from others.
 */
const STAND_IN = /^-?9+[6-9](?:[.,]0+)?$/
const [ROWS_OF_A_STAND_IN, FAR] = [2, 2]

/** The numbers that stand for missing values: far from all others in each column that has them. */
function standInsOf(
  columns: readonly (readonly string[])[],
  read: ReturnType<typeof numberReader>,
): string[] {
  const found = new Map<string, boolean>()
  for (const values of columns) {
    const written = values.filter((value) => STAND_IN.test(value))
    if (written.length === 0) continue
    const others = values.flatMap((value) => (STAND_IN.test(value) ? [] : (read(value) ?? [])))
    const [least, most] = [
      others.reduce((a, b) => Math.min(a, b), Infinity),
      others.reduce((a, b) => Math.max(a, b), -Infinity),
    ]
    const range = Math.max(most - least, 1)
    const words = new Set(written)
    for (const word of words) {
      const number = read(word) ?? NaN
      const isFar = number > most + FAR * range || number < least - FAR * range
      const isCode = words.has(ninesOf(word)) && written.length >= ROWS_OF_A_STAND_IN
      if (!isFar) found.set(word, false)
      else if (isCode && !found.has(word)) found.set(word, true)
    }
  }
  return [...found].flatMap(([word, isStandIn]) => (isStandIn ? [word] : []))
}

/** The number of nines alone above a code: 99 of 97. */
function ninesOf(code: string): string {
  return code.replace(/[6-9](?=[.,]|$)/, '9')
}
