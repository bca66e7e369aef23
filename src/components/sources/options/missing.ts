import * as z from 'zod'

import { rule } from './rule.ts'

const indicator = z
  .boolean()
  .default(false)
  .describe('After each number of a column that lacks some, add a second one: 1 where it is missing, else 0')

export const Missing = z
  .union([
    z.enum(['error', 'drop', 'mean', 'median']),
    z
      .strictObject({
        constant: z.number().optional().describe('The number to put in'),
        fill: z.enum(['mean', 'median']).optional().describe('What of the training split to put in'),
        indicator,
      })
      .refine(({ constant, fill }) => (constant === undefined) !== (fill === undefined), {
        params: { ...rule, code: 'missing' },
        message: 'give either fill or constant: what is put in for a missing number',
      }),
  ])
  .describe(
    'What to do about missing values: error, drop the row, the mean or median of the training split, {constant: 0}, or {fill: median, indicator: true}. Where numbers are filled in, a missing text is no category: all zeros',
  )
export type Missing = z.infer<typeof Missing>
