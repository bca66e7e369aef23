import type { EncodedInput, EncodedRows } from './encoded-rows.ts'

/** Rows of encoded ones by their positions, in any order and number. */
export function pickRows(encoded: EncodedRows, rows: Uint32Array): EncodedRows {
  const { sampleWeight } = encoded
  const sizeOf = (data: EncodedInput['data']): number => data.length / encoded.rows
  return {
    rows: rows.length,
    inputs: encoded.inputs.map((input) => ({ ...input, data: pick(input.data, sizeOf(input.data), rows) })),
    targets: encoded.targets.map((target) =>
      target.kind === 'classes'
        ? { ...target, data: pick(target.data, sizeOf(target.data), rows) }
        : { ...target, data: pick(target.data, sizeOf(target.data), rows) },
    ),
    ...(sampleWeight && { sampleWeight: pick(sampleWeight, sampleWeight.length / encoded.rows, rows) }),
    sourceRow: rows.map((row) => encoded.sourceRow[row] ?? 0),
  }
}

/** The numbers of some rows, `size` of them a row. */
function pick<T extends EncodedInput['data']>(data: T, size: number, rows: Uint32Array): T
function pick(data: EncodedInput['data'], size: number, rows: Uint32Array): EncodedInput['data'] {
  const picked =
    data instanceof Float32Array
      ? new Float32Array(rows.length * size)
      : data instanceof Uint8Array
        ? new Uint8Array(rows.length * size)
        : new Int32Array(rows.length * size)
  for (const [i, row] of rows.entries()) picked.set(data.subarray(row * size, (row + 1) * size), i * size)
  return picked
}
