import type { OrderedWindow } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { findColumn } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'
import { inOrder } from '../rows/in-order.ts'
import { sortedByTime } from './times.ts'

/** Table rows to encode. */
export type TableRows = {
  /** The rows of the targets. */
  rows: Uint32Array
  /** [rows, steps]: the table rows of each row's inputs, where those are windows. */
  windows?: Uint32Array
}

/**
 * Every window that lies within the chosen rows, from its first row to that of its target. Rows that follow each other
 * in a series but are not both chosen, as at the border of two splits, never share a window.
 */
export function windowsWithin(table: Table, rows: Uint32Array, window: OrderedWindow): TableRows {
  const { steps, horizon } = window
  const isChosen = marked(table, rows)
  const targets: number[] = []
  const windows: number[] = []
  for (const series of seriesOf(table, window)) {
    let length = 0
    for (const [i, row] of series.entries()) {
      length = isChosen[row] === 1 ? length + 1 : 0
      if (length < steps + horizon) continue
      targets.push(row)
      const last = i - horizon
      for (let step = last - steps + 1; step <= last; step++) windows.push(series[step] ?? 0)
    }
  }
  return { rows: Uint32Array.from(targets), windows: Uint32Array.from(windows) }
}

/** The last window of each series, from which the model predicts what follows. */
export function lastWindows(table: Table, rows: Uint32Array, window: OrderedWindow): TableRows {
  const { steps } = window
  const isChosen = marked(table, rows)
  const ends = Array.from(seriesOf(table, window), (series) => {
    const end = series.slice(-steps)
    const [first = 0] = end
    if (end.length < steps) {
      throw new DataError(
        `${table.place(first)}: the model needs the last ${counted(steps, 'row')} of a series, but there are ${end.length}`,
      )
    }
    const gap = end.find((row) => isChosen[row] === 0)
    if (gap === undefined) return end
    throw new DataError(
      `${table.place(gap)}: a value is missing in the last ${counted(steps, 'row')}, which the model needs`,
    )
  })
  return {
    rows: Uint32Array.from(ends, (end) => end.at(-1) ?? 0),
    windows: Uint32Array.from(ends.flatMap((end) => [...end])),
  }
}

/** The rows of a split, or the windows within it where the config asks for them: at least one, if it has rows. */
export function rowsOrWindows(
  table: Table,
  rows: Uint32Array,
  window: OrderedWindow | undefined,
  what: string,
): TableRows {
  const chosen = window ? windowsWithin(table, rows, window) : { rows }
  if (rows.length === 0 || chosen.rows.length > 0) return chosen
  throw new DataError(
    `${table.name}: no window fits into the ${counted(rows.length, 'row')} of the ${what} split`,
    {
      hint: 'windows are made of rows that follow each other in one split: set data.split.shuffle: false or data.split.time, or make data.window.steps smaller',
    },
  )
}

function marked(table: Table, rows: Uint32Array): Uint8Array {
  const marks = new Uint8Array(table.rows)
  for (const row of rows) marks[row] = 1
  return marks
}

/** The rows of each series by ascending time, or in the order of the file. */
function seriesOf(table: Table, { series, time }: OrderedWindow): Iterable<Uint32Array | number[]> {
  if (table.blocks) {
    throw new DataError(`${table.name}: windows need their rows in memory, and these exceed data.memory`, {
      hint: 'raise data.memory to at least four times the size of the numbers, 8 bytes each',
    })
  }
  const inFile = inOrder(0, table.rows)
  const all = time === undefined ? inFile : sortedByTime(table, inFile, time)
  if (series === undefined) return [all]
  const { values, kind } = findColumn(table, series, 'data.window.series')
  if (kind === 'array')
    throw new DataError(`${table.name}: ${quote(series)} holds arrays, not names of series`)
  const found = new Map<string | number, number[]>()
  for (const row of all) {
    const name = values[row] ?? ''
    const rows = found.get(name)
    if (rows) rows.push(row)
    else found.set(name, [row])
  }
  return found.values()
}
