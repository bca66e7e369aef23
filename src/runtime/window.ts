// Windows of the rows of a time series, by the numbers of the rows.
import type { Cell } from './cell.ts'
import { secondsOfDate } from './encodings/date.ts'
import type { WindowState } from './preprocessing.ts'

/** The number of rows from the first one of a window to its last. */
export function spanOf({ steps, sampling_rate: rate = 1 }: WindowState): number {
  return (steps - 1) * rate + 1
}

/** The rows of the last window of a series; undefined where it is shorter. */
export function lastWindow(series: Uint32Array | number[], window: WindowState): number[] | undefined {
  const span = spanOf(window)
  const { sampling_rate: rate = 1 } = window
  return series.length < span ? undefined : [...series.slice(-span)].filter((_, i) => i % rate === 0)
}

/** The rows of each series, in the order in which they come. */
export function bySeries(
  rows: Iterable<number>,
  nameOf: (row: number) => string | number,
): Iterable<number[]> {
  const found = new Map<string | number, number[]>()
  for (const row of rows) {
    const name = nameOf(row)
    const series = found.get(name)
    if (series) series.push(row)
    else found.set(name, [row])
  }
  return found.values()
}

/** Compares rows by ascending time; those of the same time stay in their order. */
export function byTime(times: ArrayLike<number>): (a: number, b: number) => number {
  return (a, b) => {
    const [first = 0, second = 0] = [times[a], times[b]]
    return first === second ? a - b : first - second
  }
}

/** A number that orders times: a number itself, the seconds of a date, Infinity for a missing one; undefined for no time. */
export function timeOf(cell: Cell): number | undefined {
  if (cell === undefined || cell === '' || Number.isNaN(cell)) return Infinity
  return typeof cell === 'string' ? secondsOfDate(cell) : cell
}
