import { DataError } from '../../errors.ts'
import { inMemory } from '../rows/row-set.ts'
import { storeRows } from '../rows/stored-rows.ts'
import { encodeClassTarget } from './class-target.ts'
import { encodeInput, encodeWindows } from './encode.ts'
import { encodeNumericTarget } from './numeric-target.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn, numbersOf } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import type { Spool } from '../../table/columns/spool.ts'
import type { Table } from '../../table/table.ts'
import type { EncodedRows } from '../rows/encoded-rows.ts'
import type { RowSet } from '../rows/row-set.ts'
import type { Preprocessing } from './preprocessing.ts'
import type { Samples } from './window.ts'

/** What is encoded besides the inputs. */
type Roles = { targets: boolean; sampleWeight: boolean }

/** The chosen samples of a table, ready for the model; those of a table on disk are encoded block by block. */
export function encodeSet(
  table: Table,
  samples: Samples,
  preprocessing: Preprocessing,
  roles: Roles,
  spool: Spool | undefined,
): RowSet {
  if (!table.blocks || !spool) return inMemory(encodeRows(table, samples, preprocessing, roles))
  const chunks = function* (): Generator<EncodedRows> {
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
): EncodedRows {
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
