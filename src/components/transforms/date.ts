import * as z from 'zod'

import { defineEncoding } from './transform.ts'
import { applyScaling, Scaling } from './scaling.ts'
import { standard } from './standard.ts'

/** The numbers of a point in time as it is written, whatever its zone. */
type Moment = { year: number; month: number; day: number; weekday: number; hour: number; minute: number }

const parts = {
  year: undefined,
  month: { first: 1, period: 12 },
  day: { first: 1, period: 31 },
  weekday: { first: 0, period: 7 },
  hour: { first: 0, period: 24 },
  minute: { first: 0, period: 60 },
}
const Part = z.enum(['year', 'month', 'day', 'weekday', 'hour', 'minute'])
type Part = z.infer<typeof Part>

const column = () =>
  z.strictObject({
    part: Part,
    /** Sine and cosine instead of the number, for parts that begin again. */
    cyclic: z.boolean(),
    scaling: Scaling().optional(),
  })

export const date = defineEncoding({
  type: 'date',
  summary: 'Parts of a date such as 2024-05-31 or 2024-05-31T18:30:00, as numbers',
  options: () => ({
    parts: z
      .array(Part)
      .min(1)
      .default(['year', 'month', 'day', 'weekday'])
      .describe('Which parts, in order: year, month, day, weekday (0 is Monday), hour, minute'),
    cyclic: z
      .boolean()
      .default(true)
      .describe('Turn each part but the year into a sine and a cosine, so that December lies beside January'),
    scale: z
      .boolean()
      .default(true)
      .describe('Scale the parts that are plain numbers to mean 0 and deviation 1'),
  }),
  state: () => z.strictObject({ columns: z.array(column()).min(1) }),
  fit(texts, { parts: chosen, cyclic, scale }) {
    const moments = Array.from(texts, momentOf).filter((moment) => moment !== undefined)
    return {
      columns: chosen.map((part) => {
        if (cyclic && parts[part]) return { part, cyclic: true }
        const values = moments.map((moment) => moment[part])
        const scaling = scale ? standardScaling(values) : undefined
        return { part, cyclic: false, ...(scaling && { scaling }) }
      }),
    }
  },
  encoding: ({ columns }) => ({
    width: widthOf(columns),
    title: `${widthOf(columns)} numbers of a date`,
    write(text, data, at) {
      if (text === '') return undefined
      const moment = momentOf(text)
      if (!moment) return 'is no date: 2024-05-31 or 2024-05-31T18:30:00 are wanted'
      let place = at
      for (const { part, cyclic, scaling } of columns) {
        const cycle = parts[part]
        if (cyclic && cycle) {
          const angle = (2 * Math.PI * (moment[part] - cycle.first)) / cycle.period
          data[place++] = Math.sin(angle)
          data[place++] = Math.cos(angle)
        } else data[place++] = applyScaling(scaling, moment[part])
      }
      return undefined
    },
  }),
})

function widthOf(columns: readonly z.infer<ReturnType<typeof column>>[]): number {
  return columns.reduce((width, { cyclic }) => width + (cyclic ? 2 : 1), 0)
}

const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Reads a date as ISO 8601 writes it; the zone is not looked at. */
export function momentOf(text: string): Moment | undefined {
  const found = pattern.exec(text.trim())
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map((part) => Number(part ?? 0))
  const days = new Date(Date.UTC(year, month - 1, day))
  if (year < 100 || days.getUTCMonth() !== month - 1 || days.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59) return undefined
  return { year, month, day, weekday: (days.getUTCDay() + 6) % 7, hour, minute }
}

/** Seconds since 1970, by which dates are ordered; without a zone, as if in Greenwich. */
export function instantOf(text: string): number | undefined {
  const moment = momentOf(text)
  if (!moment) return undefined
  const { year, month, day, hour, minute } = moment
  const [second = '0', zone = 'Z'] = pattern.exec(text.trim())?.slice(6) ?? []
  const offset = /^([+-]\d{2}):?(\d{2})$/.exec(zone)
  const ahead = offset ? Number(offset[1]) * 60 + Number(`${zone[0]}${offset[2]}`) : 0
  return Date.UTC(year, month - 1, day, hour, minute - ahead) / 1000 + Number(second.replace(',', '.'))
}

function standardScaling(values: readonly number[]): Scaling | undefined {
  const fit = standard.fit({ indicator: false })
  for (const value of values) fit?.add(value)
  return values.length > 0 ? fit?.scaling() : undefined
}
