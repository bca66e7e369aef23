import type { OrderedWindow } from '../../components/sources/selection.ts'
import type { Split } from '../../components/sources/options/split.ts'
import { warningAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
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
    if (hasPair((row, next) => times[row] === times[next]))
      doubts.push(
        `there are windows with several rows of the same ${quote(time)}, which stay in the order of the file: data.window.series names the column that tells them apart`,
      )
  }
  return doubts
}
