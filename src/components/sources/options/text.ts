import * as z from 'zod'

import type { Configured } from '../../../registry.ts'
import type { Rule } from '../../../rule.ts'
import { datePattern, isTimePattern } from '../../../runtime/date-format.ts'
import { isNumberPattern } from '../../../runtime/number-format.ts'
import type { TextForm } from '../../../runtime/text-form.ts'
import { ColumnName } from './rows.ts'

/** The keys that say how values are written. */
export const textKeys = {
  decimal: z
    .enum(['.', ','])
    .optional()
    .describe('The sign before the fraction of a number. Default: a point'),
  thousands: z
    .enum([',', '.', "'", ' ', '_'])
    .optional()
    .describe('The sign between groups of three digits, as in 1,234,567. Default: none'),
  missing_values: z
    .array(z.string())
    .optional()
    .describe(
      'The words for a missing value, besides the empty field, in place of NA, N/A, #N/A, <NA>, NaN, nan, NAN, null, NULL and ?. A label listed in `classes` or `categories` is never one',
    ),
  formats: z
    .record(ColumnName, z.string().refine(isPattern, { error: ({ input }) => patternError(String(input)) }))
    .optional()
    .describe(
      'The patterns of dates, times and numbers by column, as in {when: dd.MM.yyyy, took: "H:mm:ss", price: "$#,##0.00", share: "0,0 %"}. Dates have the letters of Unicode (LDML): yyyy, yy, QQQ, MM, MMM, MMMM, dd, EEE, HH, h, mm, ss, a, XXX, z; those of times and durations alone become seconds; numbers have the signs of their own groups and fraction, and the sign or unit beside them, which is left out; behind a semicolon, how negative ones are written, as in "0;(0)"; 0 compact-short reads 1.5K and 2M. Default: 2024-05-31 and 2024-05-31T18:30:00; numbers as decimal and thousands say',
    ),
}

type TextKeys = Configured<typeof textKeys>

/** The signs in numbers differ. */
export const signsDiffer: Rule<Pick<TextKeys, 'decimal' | 'thousands'>> = {
  needs: ['decimal', 'thousands'],
  check({ decimal = '.', thousands }, report) {
    if (decimal !== thousands) return
    const hint = `write decimal: "${decimal === '.' ? ',' : '.'}", or another sign`
    const message = `decimal and thousands are both "${thousands}"`
    report(['thousands'], message, { code: 'columns', hint })
  },
}

/** The part of a section that says how values are written. */
export function textForm({ decimal, thousands, missing_values, formats }: TextKeys): TextForm {
  return {
    ...(decimal !== undefined && { decimal }),
    ...(thousands !== undefined && { thousands }),
    ...(missing_values && { missing_values }),
    ...(formats && { formats }),
  }
}

function isPattern(text: string): boolean {
  if (isNumberPattern(text)) return true
  try {
    datePattern(text)
    return /y/.test(text) || isTimePattern(text)
  } catch {
    return false
  }
}

/** Fields of patterns in Python's strftime, and letters that others write large. */
const OTHER_FIELDS: ReadonlyMap<string, string> = new Map([
  ['%d', 'dd'],
  ['%m', 'MM'],
  ['%Y', 'yyyy'],
  ['%y', 'yy'],
  ['%H', 'HH'],
  ['%M', 'mm'],
  ['%S', 'ss'],
  ['%b', 'MMM'],
  ['%B', 'MMMM'],
  ['D', 'd'],
  ['Y', 'y'],
])

function patternError(text: string): string {
  const meant = text.replaceAll(/%[a-zA-Z]|[DY]/g, (field) => OTHER_FIELDS.get(field) ?? field)
  if (meant !== text && isPattern(meant))
    return `the letters of a pattern are those of Unicode: write ${meant}`
  return 'expected a pattern of dates such as dd.MM.yyyy, MM/dd/yyyy HH:mm or MMM d yyyy, of times such as H:mm:ss, or of numbers such as #.##0,00 €'
}
