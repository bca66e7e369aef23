// The patterns of numbers that have units, currencies or other signs beside them.

import { COMPACT, isBound, patternOf } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'
import { allForms, areNumbers, plainForm, simplestForm } from './number-form.ts'

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
export function numberPatternOf(
  strings: readonly string[],
  forms: readonly NumberSigns[],
): string | undefined {
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

/** The string that all have in a part, or none; undefined where they differ. */
function onlyOf(parts: readonly Readonly<Record<string, string>>[], name: string): string | undefined {
  const [only = '', ...others] = new Set(parts.map((part) => part[name] ?? '').filter(Boolean))
  return others.length > 0 ? undefined : only
}

/** The numbers of a column, without the units beside them. */
export function numbersOf(values: readonly string[]): readonly string[] {
  const isAlone = areNumbers(values, plainForm) || numberPatternOf(values, allForms) === undefined
  return isAlone ? values : values.map((value) => DIGITS.exec(value)?.[0] ?? value)
}
