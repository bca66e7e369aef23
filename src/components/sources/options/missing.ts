import * as z from 'zod'

import { withRules } from '../../../rule.ts'

const indicator = z
  .boolean()
  .default(false)
  .describe(
    'Add a second number after each one of a column with missing values: 1 where it is missing, else 0',
  )

export const Missing = z
  .union([
    z.enum(['error', 'drop', 'mean', 'median']),
    withRules(
      z.strictObject({
        constant: z.number().optional().describe('The number to put in'),
        fill: z.enum(['mean', 'median']).optional().describe('The statistic of the training split to put in'),
        indicator,
      }),
      {
        needs: ['constant', 'fill'],
        check({ constant, fill }, report) {
          if ((constant === undefined) !== (fill === undefined)) return
          report([], 'give either fill or constant for missing numbers', { code: 'missing' })
        },
      },
    ),
  ])
  .describe(
    'Treatment of missing values: error, drop (the row), the mean or median of the training split, {constant: 0}, or {fill: median, indicator: true}. Where numbers are filled in, a missing string is encoded as all zeros',
  )
export type Missing = z.infer<typeof Missing>
