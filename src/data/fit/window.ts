import { DataError } from '../../errors.ts'
import type { WindowState } from '../../runtime/preprocessing.ts'
import { bySeries, lastWindow, spanOf } from '../../runtime/window.ts'
import { scalarsOf } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { counted } from '../../wording.ts'
import { inOrder } from '../rows/in-order.ts'
import { sortedByTime } from './times.ts'

/** Table rows to encode. */
export type TableRows = {
  /** The rows of the targets, of several steps the first. */
  rows: Uint32Array
  /** [rows, target steps]: the table rows of each row's target, where that is known and follows a window. */
  targets?: Uint32Array
  /** [rows, steps]: the table rows of each row's inputs, where those are windows. */
  windows?: Uint32Array
}

/** Rows of the target of a window. */
export function targetSteps(window: WindowState | undefined): number {
  return window?.target_steps ?? 1
}

/** Rows from the first one of a window to the last one of its target. */
function lengthOf(window: WindowState): number {
  return spanOf(window) - 1 + window.horizon + targetSteps(window)
}

/**
 * Every window that lies within the chosen rows, from its first row to that of its target. Rows that follow each other
 * in a series but are not both chosen, as at the border of two splits, never share a window.
 */
export function windowsWithin(table: Table, rows: Uint32Array, window: WindowState): TableRows {
  const { steps, sampling_rate: rate = 1, sequence_stride: stride = 1 } = window
  const ahead = targetSteps(window)
  const length = lengthOf(window)
  const toTarget = length - ahead
  const isChosen = marked(table, rows)
  const found: Record<'rows' | 'windows' | 'targets', number[]> = { rows: [], windows: [], targets: [] }
  for (const series of seriesOf(table, window)) {
    let inSuccession = 0
    for (const [i, row] of series.entries()) {
      inSuccession = isChosen[row] === 1 ? inSuccession + 1 : 0
      if (inSuccession < length || (inSuccession - length) % stride > 0) continue
      const first = i - length + 1
      const at = (step: number): number => series[first + step] ?? 0
      found.rows.push(at(toTarget))
      for (let step = 0; step < steps; step++) found.windows.push(at(step * rate))
      for (let step = 0; step < ahead; step++) found.targets.push(at(toTarget + step))
    }
  }
  return {
    rows: Uint32Array.from(found.rows),
    windows: Uint32Array.from(found.windows),
    targets: Uint32Array.from(found.targets),
  }
}

/** The last window of each series, from which the model predicts what follows. */
export function lastWindows(table: Table, rows: Uint32Array, window: WindowState): TableRows {
  const span = spanOf(window)
  const isChosen = marked(table, rows)
  const ends = Array.from(seriesOf(table, window), (series) => {
    const end = lastWindow(series, window)
    if (end === undefined) {
      throw new DataError(
        `${table.place(series[0] ?? 0)}: the model needs the last ${counted(span, 'row')} of a series, but there are ${series.length}`,
      )
    }
    const gap = end.find((row) => isChosen[row] === 0)
    if (gap === undefined) return end
    throw new DataError(
      `${table.place(gap)}: a value is missing in the last ${counted(span, 'row')}, which the model needs`,
    )
  })
  return {
    rows: Uint32Array.from(ends, (end) => end.at(-1) ?? 0),
    windows: Uint32Array.from(ends.flat()),
  }
}

/** The rows of a split, or the windows within it where the config asks for them: at least one, if it has rows. */
export function rowsOrWindows(
  table: Table,
  rows: Uint32Array,
  window: WindowState | undefined,
  what: string,
): TableRows {
  const chosen = window ? windowsWithin(table, rows, window) : { rows }
  if (rows.length === 0 || chosen.rows.length > 0) return chosen
  throw new DataError(
    `${table.name}: no window fits into the ${counted(rows.length, 'row')} of the ${what} split`,
    { hint: hintToFit(rows.length, window) },
  )
}

function hintToFit(rows: number, window: WindowState | undefined): string {
  const length = window ? lengthOf(window) : 1
  const reach = `a window and its target take ${counted(length, 'row')} that follow each other in one split`
  const inOrder = 'set data.split.shuffle: false or data.split.time, or make'
  const larger = 'the split larger or data.window.steps, sampling_rate, horizon or target_steps smaller'
  return `${reach}: ${rows < length || window?.time !== undefined ? 'make' : inOrder} ${larger}`
}

function marked(table: Table, rows: Uint32Array): Uint8Array {
  const marks = new Uint8Array(table.rows)
  for (const row of rows) marks[row] = 1
  return marks
}

/** The rows of each series by ascending time, or in the order of the file. */
function seriesOf(table: Table, { series, time }: WindowState): Iterable<Uint32Array | number[]> {
  if (table.blocks) {
    throw new DataError(`${table.name}: windows need their rows in memory, and these exceed data.memory`, {
      hint: 'raise data.memory to at least four times the size of the numbers, 8 bytes each, for each process of an MPI job',
    })
  }
  const inFile = inOrder(0, table.rows)
  const all = time === undefined ? inFile : sortedByTime(table, inFile, time)
  if (series === undefined) return [all]
  const values = scalarsOf(table, series, 'data.window.series')
  return bySeries(all, (row) => values[row] ?? '')
}
