import type { MetricValues } from '../../components/metrics/metric.ts'
import { shortNumber } from '../../wording.ts'

export { shortNumber }

/** An integer as `1,797`; toLocaleString would load the data of all locales first. */
export function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 row`, `1,797 rows`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** A number as `shortNumber` writes it, `-` for what is not defined, such as R² of a single row. */
export function definedNumber(value: number): string {
  return Number.isNaN(value) ? '-' : shortNumber(value)
}

/** The same, empty for one that is not known, or lost in a document, where it was not finite. */
export function knownNumber(value: number | null | undefined, otherwise = ''): string {
  return value === null || value === undefined ? otherwise : shortNumber(value)
}

/** The line below a list that lacks `count` things. */
export function leftOut(count: number, noun: string): string[] {
  return count > 0 ? [`... and ${counted(count, `more ${noun}`)}`] : []
}

/** A text that begins with a capital. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** A time in ISO 8601 as `2026-03-01 12:30`. */
export function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}

/** A share as `25 %`, `0.12 %`: with two significant digits. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`
}

/** `loss 0.0712  accuracy 0.9782`. */
export function metricsText(values: MetricValues): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${shortNumber(value)}`)
    .join('  ')
}

/** The leading parts of a text that fit into `width` characters; two spaces separate parts. */
export function fitting(text: string, width: number): string {
  if (text.length <= width) return text
  const end = text.lastIndexOf('  ', width)
  return text.slice(0, end > 0 ? end : width)
}

/** `0.42 s`, `12 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `512 B`, `1.50 KB`, `2.00 MB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(2)} KB`
  return size < 1024 ** 3 ? `${(size / 1024 ** 2).toFixed(2)} MB` : `${(size / 1024 ** 3).toFixed(2)} GB`
}

/** A rate per second: `3.2`, `310`, `1,250,000`. */
export function rate(value: number): string {
  return value < 10 ? value.toFixed(1) : count(Math.round(value))
}
