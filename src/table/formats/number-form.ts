// The signs in numbers: of fractions, and between groups of three digits.

import { numberReader } from '../../runtime/number-format.ts'
import type { NumberSigns } from '../../runtime/number-format.ts'

const numberForms: readonly NumberSigns[] = [
  { thousands: ',' },
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { thousands: ' ' },
  { thousands: "'" },
  { decimal: ',', thousands: ' ' },
]

export const plainForm: NumberSigns = {}
export const allForms: readonly NumberSigns[] = [plainForm, ...numberForms]

/** The signs of the numbers that all these strings are; undefined where they are none, or plain ones. */
export function numberForm(strings: readonly string[]): NumberSigns | undefined {
  if (areNumbers(strings, plainForm)) return undefined
  return numberForms.find((form) => areNumbers(strings, form))
}

/** The test of each form, made once: a table may have a million columns. */
const testsMade = new WeakMap<NumberSigns, ReturnType<typeof numberTest>>()

/** True where all strings are numbers with these signs. */
export function areNumbers(strings: readonly string[], form: NumberSigns): boolean {
  const isNumber = testsMade.get(form) ?? numberTest(form)
  testsMade.set(form, isNumber)
  return strings.every(isNumber)
}

/** The form of the fewest signs in which these strings are the same numbers. */
export function simplestForm(form: NumberSigns, strings: readonly string[]): NumberSigns {
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

/** A number whose point may divide groups of three digits. */
const GROUPED = /^[+-]?\d{1,3}(\.\d{3})+$/

/** The forms of numbers, those first in which most columns are numbers, with units beside them or without. */
export function likelyForms(columns: readonly (readonly string[])[], delimiter: string): NumberSigns[] {
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

/** The signs with which the most columns are numbers without units, plain ones before others. */
export function signsOf(columns: readonly (readonly string[])[], forms: readonly NumberSigns[]): NumberSigns {
  const [best = plainForm] = byColumns(forms, columns)
  if (best === plainForm) return best
  return simplestForm(
    best,
    columns.flatMap((values) => (areNumbers(values, best) ? values : [])),
  )
}
