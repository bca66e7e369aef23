// Tables that are time series: a target with nothing beside it but its dates, and perhaps the name of the series.

import { evenStep } from '../../data/fit/even-step.ts'
import { secondsOfDate } from '../../runtime/encodings/date.ts'
import { columnNamed } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import type { FeatureChoice } from './features.ts'
import type { TargetChoice } from './target.ts'

/** A target that is predicted from its own past. */
export type Forecast = {
  /** The column of dates, and the one that tells the series apart. */
  readonly time: string
  readonly series?: string
  /** Rows of the past that a prediction sees. */
  readonly steps: number
  /** The mean error of a prediction that repeats the last value, over the latest rows. */
  readonly naiveError: number
}

/** Rows of a window, by the longest distance in seconds of two rows: an hour of minutes, a day of hours, a week, a year. */
const CYCLES: readonly (readonly [seconds: number, rows: number])[] = [
  [90, 60],
  [5400, 24],
  [1.5 * 86_400, 7],
  [8 * 86_400, 13],
  [32 * 86_400, 12],
  [93 * 86_400, 4],
]
/** Seconds of a day; the share of distances of a day or over a weekend, of which holidays are no part. */
const [DAY, EVEN] = [86_400, 0.9]
/** Rows of a window of another cadence, and the fewest. */
const [ROWS, FEWEST_ROWS] = [8, 3]
/** The share of the rows that the smallest split has, and windows that it needs. */
const [SMALLEST_SPLIT, WINDOWS] = [0.15, 8]

export function forecastOf(
  table: Table,
  target: TargetChoice,
  features: readonly FeatureChoice[],
): Forecast | undefined {
  const used = features.filter(({ use }) => use !== 'none')
  const date = used.find(({ use }) => use === 'date')
  const [name, ...others] = used.filter((feature) => feature !== date)
  if (target.kind !== 'numbers' || target.width > 1 || target.missing > 0) return undefined
  if (date === undefined || date.missing > 0 || others.length > 0) return undefined
  if (name !== undefined && (name.use !== 'categories' || name.missing > 0)) return undefined

  const series = seriesOf(table, date.column, name?.column, target.column)
  const rows = cycleOf(series)
  if (rows === undefined) return undefined
  const fitting = Math.floor((SMALLEST_SPLIT * table.rows) / series.length) - WINDOWS
  const steps = Math.min(rows, fitting)
  if (steps < FEWEST_ROWS) return undefined
  const named = name !== undefined && { series: name.column }
  return { time: date.column, ...named, steps, naiveError: naiveErrorOf(series) }
}

/**
 * The column of dates of a number that forms an even series beside other measures. Only the user knows whether these are
 * known when the number is predicted, as a price is.
 */
export function clockOf(
  table: Table,
  target: TargetChoice,
  features: readonly FeatureChoice[],
): string | undefined {
  const used = features.filter(({ use }) => use !== 'none')
  const dates = used.filter(({ use, missing }) => use === 'date' && missing === 0)
  if (target.kind !== 'numbers' || target.width > 1) return undefined
  const names = used.filter(({ use, missing }) => use === 'categories' && missing === 0)
  const isEven = (time: string, name?: string): boolean =>
    cycleOf(seriesOf(table, time, name, target.column)) !== undefined
  return dates.find(({ column }) => [undefined, ...names].some((name) => isEven(column, name?.column)))
    ?.column
}

/** The rows of a cycle of series of even steps; undefined for others. */
function cycleOf(series: readonly Series[]): number | undefined {
  const distances = Float64Array.from(series.flatMap(({ times }) => differences(times)))
  const gap = evenStep(distances)
  if (gap === undefined) return workdaysOf(series, distances)
  const [, rows = ROWS] = CYCLES.find(([seconds]) => gap <= seconds) ?? []
  return rows
}

/** The workdays of a week in series of them, as of a stock exchange or a shop; undefined for others. */
function workdaysOf(series: readonly Series[], distances: Float64Array): number | undefined {
  const days = series.flatMap(({ times }) => times.map((time) => Math.floor(time / DAY) % 7))
  const workdays = new Set(days).size
  const near = distances.filter((distance) => isDays(distance, 1) || isDays(distance, 8 - workdays))
  return (workdays === 5 || workdays === 6) && near.length > EVEN * distances.length ? workdays : undefined
}

function isDays(distance: number, days: number): boolean {
  return Math.abs(distance / DAY - days) < 0.2
}

function naiveErrorOf(series: readonly Series[]): number {
  const times = series.flatMap((one) => one.times).toSorted(ascending)
  const start = times[Math.floor((1 - SMALLEST_SPLIT) * times.length)] ?? 0
  const changes = series.flatMap(({ times: [, ...after], values }) =>
    differences(values).filter((_, i) => (after[i] ?? 0) >= start),
  )
  return changes.reduce((sum, change) => sum + Math.abs(change), 0) / changes.length
}

type Series = { readonly times: readonly number[]; readonly values: readonly number[] }

/** The rows of each series in the order of their times. */
function seriesOf(table: Table, time: string, name: string | undefined, target: string): readonly Series[] {
  const valuesOf = (column: string) => columnNamed(table, column)?.values ?? []
  const [dates, numbers] = [valuesOf(time), valuesOf(target)]
  const names = name === undefined ? [] : valuesOf(name)
  const rows = new Map<unknown, { readonly time: number; readonly value: number }[]>()
  for (let row = 0; row < table.rows; row++) {
    const one = { time: secondsOfDate(String(dates[row])) ?? NaN, value: Number(numbers[row]) }
    const those = rows.get(names[row])
    if (those) those.push(one)
    else rows.set(names[row], [one])
  }
  return [...rows.values()].map((unsorted) => {
    const sorted = unsorted.toSorted((a, b) => a.time - b.time)
    return { times: sorted.map((row) => row.time), values: sorted.map((row) => row.value) }
  })
}

function ascending(a: number, b: number): number {
  return a - b
}

function differences(numbers: readonly number[]): number[] {
  return numbers.slice(1).map((number, i) => number - (numbers[i] ?? NaN))
}
