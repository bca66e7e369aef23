import type { OrderedWindow } from '../../components/sources/selection.ts'
import type { Split } from '../../components/sources/options/split.ts'
import { warningAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import { evenStep } from '../fit/even-step.ts'
import { timesOf } from '../fit/times.ts'
import { windowsWithin } from '../fit/window.ts'
import { scalarsOf } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'

/** Notes on a key that another one overrules. */
export function orderNotes(split: Split): string[] {
  const clock = split.time === undefined ? split.column && 'column' : 'time'
  return clock === undefined || split.seed === undefined
    ? []
    : [`data.split.seed has no effect beside data.split.${clock}`]
}

/** Warnings where the keys leave the order of the rows in windows in doubt. */
export function orderWarnings(
  table: Table,
  rows: Uint32Array,
  window: OrderedWindow | undefined,
  split: Split,
): Problem[] {
  const doubts = window ? doubtsOf(table, rows, window, split) : []
  return doubts.map((message) => warningAtKey('time-order', ['data', 'window'], message))
}

/** True where rows are set aside at random, one by one. */
export function isAtRandom({ column, group, time, shuffle, validation, test, fold }: Split): boolean {
  const isDivided = validation > 0 || test > 0 || fold !== undefined
  return isDivided && column === undefined && group === undefined && time === undefined && shuffle
}

function doubtsOf(table: Table, rows: Uint32Array, window: OrderedWindow, split: Split): string[] {
  const { group, time } = split
  const { steps, series } = window
  const doubts: string[] = []
  if (isAtRandom(split))
    doubts.push(
      'the splits are chosen at random, so that held-out windows lie between those of training: data.split.time or data.split.shuffle: false keeps the latest rows apart',
    )
  const { windows = new Uint32Array() } = windowsWithin(table, rows, window)
  /** True if any window has two rows in succession of which this holds. */
  const hasPair = (holds: (row: number, next: number) => boolean): boolean =>
    windows.some((next, i) => i % steps > 0 && holds(windows[i - 1] ?? 0, next))
  if (group !== undefined && series === undefined) {
    const values = scalarsOf(table, group, 'data.split.group')
    if (hasPair((row, next) => values[row] !== values[next]))
      doubts.push(
        `there are windows with rows of several values of ${quote(group)}, as data.window.series is not given: write series: ${group} if each is a series of its own`,
      )
  }
  if (time !== undefined) {
    const times = timesOf(table, rows, time)
    const broken = windowsOverGaps(windows, steps, times)
    if (broken > MANY_BROKEN * (windows.length / steps))
      doubts.push(
        `${broken} of ${windows.length / steps} windows of the training rows reach over gaps in ${quote(time)}, where rows of an even series are missing: their steps are not equally long, until the missing rows are filled in`,
      )
    if (hasPair((row, next) => times[row] === times[next]))
      doubts.push(
        `there are windows with several rows of the same ${quote(time)}, which stay in the order of the file: data.window.series names the column that tells them apart`,
      )
  }
  return doubts
}

/** The distance, in steps, from which rows are missing, and the share of windows from which that matters. */
const [GAP, MANY_BROKEN] = [1.5, 0.01]

/** The windows of a series of even steps in which rows are missing; none where the steps are uneven anyway, as those of weekdays. */
function windowsOverGaps(windows: Uint32Array, steps: number, times: Float64Array): number {
  const before = (i: number): number => (times[windows[i] ?? 0] ?? NaN) - (times[windows[i - 1] ?? 0] ?? NaN)
  if (steps < 2 || windows.length === 0) return 0
  // Nearly every pair of rows in succession is the last of a window.
  const distances = Float64Array.from({ length: windows.length / steps }, (_, i) =>
    before((i + 1) * steps - 1),
  )
  const usual = evenStep(distances)
  if (usual === undefined) return 0
  let broken = 0
  for (let first = 0; first < windows.length; first += steps) {
    let step = 1
    while (step < steps && !(before(first + step) > GAP * usual)) step += 1
    if (step < steps) broken += 1
  }
  return broken
}
