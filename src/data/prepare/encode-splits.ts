import type { Preprocessing } from '../../runtime/preprocessing.ts'
import type { Table } from '../../table/table.ts'
import { encodeSet } from '../fit/encode-set.ts'
import type { EncodedRoles } from '../fit/encode-set.ts'
import { rowsOrWindows } from '../fit/window.ts'
import type { TableRows } from '../fit/window.ts'
import type { TracedRows } from '../split/duplicates.ts'
import type { Splits } from '../split/splits.ts'
import type { ReadData } from './read-data.ts'

type EncodedSplits = { train: TracedRows; validation?: TracedRows; test?: TracedRows }

/** Encodes the rows of each split, of its own table where it has one; `balance` picks those to train on. */
export function encodeSplits(
  read: ReadData,
  splits: Splits,
  preprocessing: Preprocessing,
  vocabularies: EncodedRoles['vocabularies'],
  balance: (rows: TableRows) => TableRows,
): EncodedSplits {
  const { train: table, spool, selection } = read
  const encode = (from: Table, chosen: TableRows): TracedRows => {
    const roles = { targets: true, sampleWeight: true, vocabularies }
    return { table: from, set: encodeSet(from, chosen, preprocessing, roles, spool) }
  }
  const encodeHeld = (what: 'validation' | 'test'): TracedRows | undefined => {
    const from = read[what] ?? table
    const chosen = rowsOrWindows(from, splits[what], selection.window, what)
    return chosen.rows.length > 0 ? encode(from, chosen) : undefined
  }
  const train = encode(table, balance(rowsOrWindows(table, splits.train, selection.window, 'training')))
  const validation = encodeHeld('validation')
  const test = encodeHeld('test')
  return { train, ...(validation && { validation }), ...(test && { test }) }
}
