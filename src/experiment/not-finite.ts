import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { pickRows } from '../data/rows/picked-rows.ts'
import type { Engine } from '../engine/engine.ts'
import { firstNonFinite } from '../train/divergence.ts'
import { counted, list } from '../wording.ts'
import type { OpenedModel } from './model.ts'

/** A note on rows whose predictions are NaN or infinite, and why; undefined where there are none. */
export async function notFiniteNote(
  engine: Engine,
  { task, spec, weights }: OpenedModel,
  encoded: EncodedRows,
  outputs: ReadonlyMap<string, Float32Array>,
): Promise<string | undefined> {
  const wrong = new Set<number>()
  for (const values of outputs.values()) {
    const size = values.length / encoded.rows
    for (const [i, value] of values.entries()) if (!Number.isFinite(value)) wrong.add(Math.floor(i / size))
  }
  const [first] = wrong
  if (first === undefined) return undefined
  const rows = pickRows(encoded, Uint32Array.of(first))
  const { where, hint } = await firstNonFinite(engine, task, weights, rows, spec.fit.batch_size)
  const numbers = list(Array.from(wrong, (row) => String((encoded.sourceRow[row] ?? 0) + 1)))
  const named = wrong.size === 1 ? `row ${numbers}` : `${counted(wrong.size, 'row')} (${numbers})`
  const advice = hint === undefined ? '' : `; ${hint}`
  return `NaN or infinite numbers are predicted for ${named}: it starts ${where}${advice}`
}
