import { sourceOf } from '../../components/sources/index.ts'
import type { NewFiles, SourceReading } from '../../components/sources/source.ts'
import { DataError } from '../../errors.ts'
import { parseSize } from '../../byte-size.ts'
import { columnValues } from '../../runtime/columns.ts'
import { weightColumns } from '../../runtime/preprocessing.ts'
import type { Preprocessing } from '../../runtime/preprocessing.ts'
import { Spool } from '../../table/columns/spool.ts'
import { columnNamed } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { encodeSet } from '../fit/encode-set.ts'
import { usableRows } from '../fit/missing.ts'
import { unseenIn, unseenNote } from '../fit/unseen.ts'
import type { UnseenValues } from '../fit/unseen.ts'
import { lastWindows, rowsOrWindows } from '../fit/window.ts'
import type { RowSet } from '../rows/row-set.ts'
import { gatherArray } from './gather-array.ts'
import { columnTypes, trainedRows, usedColumns } from './trained-columns.ts'

/** New rows for a trained model, and the source that reads them. */
export type RowsSource = NewFiles & { type: string }

export type RowsOptions = Pick<SourceReading, 'directory' | 'stdin' | 'datasets'> & {
  /** True if the rows must have targets; otherwise targets are ignored. */
  targets: boolean
  /** The number of vectors of an embedding, by the input that it looks up. */
  vocabularies?: ReadonlyMap<string, number>
  /** True for every window of a time series, whose target is known, in place of the last one. */
  backtest?: boolean
  /** Memory for the rows, as in `500 MB`; the others are kept on disk. */
  memory: string
  /** Columns that are used besides those of the model: as they are written, where it does not use them. */
  keep?: readonly string[]
}

export type NewRows = {
  rows: RowSet
  /** The rows as they were read. */
  table: Table
  /** Values that training did not see. */
  unseen: readonly UnseenValues[]
  notes: string[]
  /** Removes rows on disk. */
  close(): void
}

/** Reads rows as the training rows were read, in any column order, and replays the preprocessing. */
export async function readRows(
  source: RowsSource,
  preprocessing: Preprocessing,
  options: RowsOptions,
): Promise<NewRows> {
  // Windows of a time series need their rows in memory.
  const spool = preprocessing.window
    ? undefined
    : new Spool(parseSize(options.memory), options.datasets?.cache)
  try {
    return { ...(await encodeNew(source, preprocessing, options, spool)), close: () => spool?.close() }
  } catch (error) {
    spool?.close()
    throw error
  }
}

async function encodeNew(
  source: RowsSource,
  preprocessing: Preprocessing,
  { directory, stdin, targets, backtest = false, keep = [], vocabularies }: RowsOptions,
  spool: Spool | undefined,
): Promise<Omit<NewRows, 'close'>> {
  const { newRows } = sourceOf(source)
  if (!newRows) throw new DataError(`${source.path}: the source ${source.type} reads no new rows`)
  const types = columnTypes(preprocessing)
  const verbatim = new Set(keep.filter((name) => !types.has(name)))
  const reading = { directory, stdin, types, values: columnValues(preprocessing), verbatim, spool }
  const tables = await newRows.read(source, trainedRows(preprocessing), reading)
  const table = gatherArray(tables.test ?? tables.train, preprocessing, keep)
  const { missing } = preprocessing
  const { window, notes: orderNotes } = windowOf(table, preprocessing)
  const { rows, notes } = usableRows(table, usedColumns(table, preprocessing, targets || backtest), missing)
  // A model of windows is evaluated on all of them, and predicts what follows the last.
  const chosen =
    window && !(targets || backtest)
      ? lastWindows(table, rows, window)
      : rowsOrWindows(table, rows, window, 'new')
  const unseen = unseenIn(table, rows, preprocessing)
  const note = unseenNote(table, rows, unseen)
  const sampleWeight = targets && weightColumns(preprocessing).every((name) => columnNamed(table, name))
  return {
    rows: encodeSet(table, chosen, preprocessing, { targets, sampleWeight, vocabularies }, spool),
    table,
    unseen,
    notes: [
      ...tables.notes,
      ...(tables.test ? [`the rows are the test rows of ${table.name}`] : []),
      ...notes,
      ...orderNotes,
      ...(note === undefined ? [] : [note]),
    ],
  }
}

/** The windows of new rows, which are in the order of the file where they lack the times of the training rows. */
function windowOf(
  table: Table,
  { window }: Preprocessing,
): { window: Preprocessing['window']; notes: string[] } {
  const time = window?.time
  if (!window || time === undefined || columnNamed(table, time)) return { window, notes: [] }
  const note = `${table.name} has no column ${quote(time)}: its rows are taken in the order of the file`
  return { window: { ...window, time: undefined }, notes: [note] }
}
