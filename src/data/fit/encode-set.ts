import { weightColumns } from '../../runtime/preprocessing.ts'
import type { ClassesState, Preprocessing } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import type { Spool } from '../../table/columns/spool.ts'
import type { Table } from '../../table/table.ts'
import type { EncodedRows, EncodedTarget } from '../rows/encoded-rows.ts'
import { inMemory } from '../rows/row-set.ts'
import type { RowSet } from '../rows/row-set.ts'
import { storeRows } from '../rows/stored-rows.ts'
import { encodeClassTarget } from './class-target.ts'
import { encodeInput, encodeWindows } from './encode.ts'
import { encodeNumericTarget } from './numeric-target.ts'
import { encodeSameTarget } from './same-target.ts'
import { encodeWeights } from './sample-weights.ts'
import { stepOf } from './target.ts'
import { requireVectors } from './vectors.ts'
import { targetSteps } from './window.ts'
import type { TableRows } from './window.ts'

/** Columns to encode besides the inputs, and what inputs are looked up in. */
export type EncodedRoles = {
  targets: boolean
  sampleWeight: boolean
  /** The number of vectors of an embedding, by the input that it looks up. */
  vocabularies?: ReadonlyMap<string, number> | undefined
}

/** The chosen rows of a table, ready for the model; those of a table on disk are encoded block by block. Windows stay in memory. */
export function encodeSet(
  table: Table,
  chosen: TableRows,
  preprocessing: Preprocessing,
  roles: EncodedRoles,
  spool: Spool | undefined,
): RowSet {
  const isStored = table.blocks !== undefined || (spool?.storesAll === true && !chosen.windows)
  if (!spool || !isStored) return inMemory(encodeRows(table, chosen, preprocessing, roles))
  const chunks = function* (): Generator<EncodedRows> {
    for (const { table: block, start, rows } of blocksWith(table, chosen.rows)) {
      yield {
        ...encodeRows(block, { rows }, preprocessing, roles),
        sourceRow: rows.map((row) => start + row),
      }
    }
  }
  return storeRows(chunks(), spool)
}

/** The chosen rows of a table in memory, ready for the model. */
export function encodeRows(
  table: Table,
  { rows, windows, targets: targetRows }: TableRows,
  preprocessing: Preprocessing,
  roles: EncodedRoles,
): EncodedRows {
  const { outputs, window } = preprocessing
  const targets = targetRows ?? rows
  const weights = weightColumns(preprocessing)
  const inputs = preprocessing.inputs.map((input) =>
    window && windows ? encodeWindows(table, windows, window.steps, input) : encodeInput(table, rows, input),
  )
  for (const [i, input] of preprocessing.inputs.entries()) {
    const [encoded, vectors] = [inputs[i], roles.vocabularies?.get(input.name)]
    if (encoded && vectors !== undefined) requireVectors(table, rows, input, encoded, vectors)
  }
  return {
    rows: rows.length,
    inputs,
    targets: (roles.targets ? outputs : []).map((output) =>
      output.kind === 'classes'
        ? encodeClasses(table, targets, output, targetSteps(window))
        : (encodeSameTarget(inputs, output) ?? encodeNumericTarget(table, targets, output)),
    ),
    ...(roles.sampleWeight &&
      weights.length > 0 && { sampleWeight: encodeWeights(table, { rows, targets }, weights, outputs) }),
    sourceRow: rows,
    ...(windows && { windows }),
    ...(targetRows && { targetRows }),
  }
}

/** Class indices of the rows, or of each step where a target has several. */
function encodeClasses(table: Table, rows: Uint32Array, output: ClassesState, steps: number): EncodedTarget {
  const encoded = encodeClassTarget(table, rows, stepOf(output, steps))
  return steps === 1 ? encoded : { ...encoded, shape: [steps, ...encoded.shape] }
}
