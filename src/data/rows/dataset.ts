import { DataError } from '../../errors.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { encodeClassTarget } from '../fit/class-target.ts'
import { encodeInput, encodeWindows } from '../fit/encode.ts'
import { encodeNumericTarget } from '../fit/numeric-target.ts'
import { inMemory } from './row-set.ts'
import { storeRows } from './stored-rows.ts'
import { findColumn, numbersOf, quote } from '../../table/table.ts'
import type { Preprocessing } from '../fit/preprocessing.ts'
import type { RowSet } from './row-set.ts'
import type { Spool } from '../../table/columns/spool.ts'
import type { Table } from '../../table/table.ts'

/** One input of the model for every row, in as small a type as holds it. */
export type DatasetInput = {
  name: string
  shape: readonly number[]
  /** [rows, ...shape] */
  data: Float32Array | Uint8Array | Int32Array
  /** Still to be applied when a batch is made: x * multiply + add. */
  scale?: { multiply: number; add: number }
}

/**
 * One target of the model for every row. `shape` is a row's shape: class indices lack the output's last axis, so the
 * classes of an output of [10] are [] here.
 */
export type DatasetTarget =
  | { kind: 'classes'; name: string; shape: readonly number[]; data: Int32Array }
  | { kind: 'numbers'; name: string; shape: readonly number[]; data: Float32Array }

/** Rows ready for the model. */
export type Dataset = {
  rows: number
  inputs: DatasetInput[]
  /** Empty when the rows were read for prediction. */
  targets: DatasetTarget[]
  sampleWeight?: Float32Array
  /** Which row of the source each row was, counted from 0. */
  sourceRow: Uint32Array
}

/** What is encoded besides the inputs. */
type Roles = { targets: boolean; sampleWeight: boolean }

/** The table rows that samples are made of. */
export type Samples = {
  /** The row that each sample is about: that of its target. */
  rows: Uint32Array
  /** [samples, steps]: the rows that its inputs are made of, where those are windows. */
  windows?: Uint32Array
}

/** The chosen samples of a table, ready for the model; those of a table on disk are encoded block by block. */
export function encodeSet(
  table: Table,
  samples: Samples,
  preprocessing: Preprocessing,
  roles: Roles,
  spool: Spool | undefined,
): RowSet {
  if (!table.blocks || !spool) return inMemory(encodeRows(table, samples, preprocessing, roles))
  const chunks = function* (): Generator<Dataset> {
    for (const { table: block, start, rows } of blocksWith(table, samples.rows)) {
      yield {
        ...encodeRows(block, { rows }, preprocessing, roles),
        sourceRow: rows.map((row) => start + row),
      }
    }
  }
  return storeRows(chunks(), spool)
}

/** The chosen samples of a table in memory, as the model takes them. */
export function encodeRows(
  table: Table,
  { rows, windows }: Samples,
  preprocessing: Preprocessing,
  roles: Roles,
): Dataset {
  const { inputs, outputs, sample_weight: weight, window } = preprocessing
  return {
    rows: rows.length,
    inputs: inputs.map((input) =>
      window && windows
        ? encodeWindows(table, windows, window.steps, input)
        : encodeInput(table, rows, input),
    ),
    targets: (roles.targets ? outputs : []).map((output) =>
      output.kind === 'classes'
        ? encodeClassTarget(table, rows, output)
        : encodeNumericTarget(table, rows, output),
    ),
    ...(roles.sampleWeight && weight !== undefined && { sampleWeight: encodeWeight(table, rows, weight) }),
    sourceRow: rows,
  }
}

function encodeWeight(table: Table, rows: Uint32Array, name: string): Float32Array {
  const column = findColumn(table, name, 'data.sample_weight')
  const values = numbersOf(table, column, 'data.sample_weight')
  return Float32Array.from(rows, (row) => {
    const weight = values[row] ?? NaN
    if (weight >= 0 && Number.isFinite(Math.fround(weight))) return weight
    throw new DataError(
      `${table.place(row)}: ${weight} in ${quote(name)} is no sample weight: 0 or more is wanted`,
    )
  })
}
