import * as z from 'zod'

import { mean, quantile } from '../../statistics.ts'

/** The rule for a number that replaces missing ones. */
export const Fill = z.union([
  z.enum(['mean', 'median']),
  z.strictObject({ constant: z.number().describe('The number to put in') }),
])
export type Fill = z.infer<typeof Fill>

/** Options of a column with missing numbers. */
export const missingOptions = () => ({
  missing: Fill.optional().describe(
    'Number that replaces a missing one in this column: mean or median of the training split, or {constant: 0}. Default: as data.missing',
  ),
  indicator: z.boolean().default(false).describe('Add a second number: 1 if the value is missing, else 0'),
})

/** The number that replaces missing ones, from those of the training split; undefined if it has none. */
export function fillNumber(fill: Fill, present: Float64Array): number | undefined {
  if (typeof fill === 'object') return fill.constant
  if (present.length === 0) return undefined
  return fill === 'median' ? quantile(present.toSorted(), 0.5) : mean(present)
}
