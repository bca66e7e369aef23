import * as z from 'zod'

import { cycles, partsOfDate } from '../../runtime/encodings/date.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { savedScaling } from './scaling.ts'
import { standard } from './standard.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

const Part = z.enum(['year', 'month', 'day', 'weekday', 'hour', 'minute'])

export const date = defineEncoding({
  type: 'date',
  summary: 'Parts of a date such as 2024-05-31 or 2024-05-31T18:30:00, as numbers',
  options: () => ({
    parts: z
      .array(Part)
      .min(1)
      .default(['year', 'month', 'day', 'weekday'])
      .describe('Parts in order: year, month, day, weekday (0 is Monday), hour, minute'),
    cyclic: z
      .boolean()
      .default(true)
      .describe(
        'Encode each part except the year as a sine and a cosine, so that December is next to January',
      ),
    scale: z
      .boolean()
      .default(true)
      .describe('Scale the parts that are plain numbers to mean 0 and standard deviation 1'),
  }),
  saved: () =>
    savedEncoding('date', {
      columns: z
        .array(z.strictObject({ part: Part, cyclic: z.boolean(), scaling: savedScaling().optional() }))
        .min(1),
    }),
  fit(strings, { parts, cyclic, scale }) {
    const dates = Array.from(strings, partsOfDate).filter((date) => date !== undefined)
    const columns = parts.map((part) => {
      if (cyclic && cycles[part]) return { part, cyclic: true }
      const scaling = scale ? standardScaling(dates.map((date) => date[part])) : undefined
      return { part, cyclic: false, ...(scaling && { scaling }) }
    })
    return { transform: 'date', state: { columns } }
  },
})

function standardScaling(values: readonly number[]): FittedScaling | undefined {
  const fit = standard.fit({ indicator: false, per_channel: false })
  for (const value of values) fit?.add(value)
  return values.length > 0 ? fit?.scaling() : undefined
}
