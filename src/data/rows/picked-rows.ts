import { numbersOfRows } from '../../table/columns/typed-array.ts'
import type { EncodedInput, EncodedRows } from './encoded-rows.ts'
import type { RowSet } from './row-set.ts'

/** Rows of encoded ones by their positions, in any order and number. */
export function pickRows(encoded: EncodedRows, rows: Uint32Array): EncodedRows {
  const { sampleWeight } = encoded
  const pick = <T extends EncodedInput['data']>(data: T): T =>
    numbersOfRows(data, rows, data.length / encoded.rows)
  return {
    rows: rows.length,
    inputs: encoded.inputs.map((input) => ({ ...input, data: pick(input.data) })),
    targets: encoded.targets.map((target) =>
      target.kind === 'classes'
        ? { ...target, data: pick(target.data) }
        : { ...target, data: pick(target.data) },
    ),
    ...(sampleWeight && { sampleWeight: pick(sampleWeight) }),
    sourceRow: rows.map((row) => encoded.sourceRow[row] ?? 0),
  }
}

/** Rows of a set by their positions, in memory. */
export async function takeFrom(set: RowSet, positions: Uint32Array): Promise<EncodedRows> {
  const window = await set.window(positions)
  const picked = pickRows(window.encoded, window.order)
  set.release(window)
  return picked
}

/** Positions of rows at equal distances; all of them where they are no more than `most`. */
export function evenPositions(rows: number, most: number): Uint32Array {
  const count = Math.min(rows, most)
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count))
}
