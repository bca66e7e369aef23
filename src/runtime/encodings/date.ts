import { applyScaling } from '../scaling.ts'
import type { FittedScaling } from '../scaling.ts'
import type { Encoding } from './encoding.ts'

/** First value and period of the parts of a date that begin again. */
export const cycles = {
  year: undefined,
  month: { first: 1, period: 12 },
  day: { first: 1, period: 31 },
  weekday: { first: 0, period: 7 },
  hour: { first: 0, period: 24 },
  minute: { first: 0, period: 60 },
}
export type DatePart = keyof typeof cycles

/** The parts of a date as it is written, whatever its zone; weekday 0 is Monday. */
type DateParts = Record<DatePart, number>

/** One part: its sine and cosine if it is cyclic, else its number. */
export type DateColumn = {
  readonly part: DatePart
  readonly cyclic: boolean
  readonly scaling?: FittedScaling | undefined
}
export type DateState = { readonly columns: readonly DateColumn[] }

export function dateEncoding({ columns }: DateState): Encoding {
  const width = columns.reduce((sum, { cyclic }) => sum + (cyclic ? 2 : 1), 0)
  return {
    width,
    title: `${width} numbers of a date`,
    write(string, data, at) {
      if (string === '') return undefined
      const date = partsOfDate(string)
      if (!date)
        return 'is not a date: expected 2024-05-31, 2024-05-31T18:30:00 or the pattern in data.formats'
      let place = at
      for (const { part, cyclic, scaling } of columns) {
        const cycle = cycles[part]
        if (cyclic && cycle) {
          const angle = (2 * Math.PI * (date[part] - cycle.first)) / cycle.period
          data[place++] = Math.sin(angle)
          data[place++] = Math.cos(angle)
        } else data[place++] = applyScaling(scaling, date[part])
      }
      return undefined
    },
  }
}

const pattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Reads a date as ISO 8601 writes it; the zone is ignored. */
export function partsOfDate(string: string): DateParts | undefined {
  const found = pattern.exec(string.trim())
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = found.slice(1).map((part) => Number(part ?? 0))
  const days = new Date(Date.UTC(year, month - 1, day))
  if (year < 100 || days.getUTCMonth() !== month - 1 || days.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59) return undefined
  return { year, month, day, weekday: (days.getUTCDay() + 6) % 7, hour, minute }
}

/** Seconds since 1970, by which dates are ordered; a date without a zone is in UTC. */
export function secondsOfDate(string: string): number | undefined {
  const parts = partsOfDate(string)
  if (!parts) return undefined
  const { year, month, day, hour, minute } = parts
  const [second = '0', zone = 'Z'] = pattern.exec(string.trim())?.slice(6) ?? []
  const offset = /^([+-]\d{2}):?(\d{2})$/.exec(zone)
  const ahead = offset ? Number(offset[1]) * 60 + Number(`${zone[0]}${offset[2]}`) : 0
  return Date.UTC(year, month - 1, day, hour, minute - ahead) / 1000 + Number(second.replace(',', '.'))
}
