import type { EncodedRows, EncodedInput } from '../data/rows/encoded-rows.ts'

/** [rows, ...shape] of an input for the rows named, as float32 with its scale applied. */
export function gatherInput(input: EncodedInput, rows: Uint32Array): Float32Array {
  const size = input.shape.reduce((product, length) => product * length, 1)
  const batch = new Float32Array(rows.length * size)
  const { multiply, add } = input.scale ?? { multiply: 1, add: 0 }
  for (const [i, row] of rows.entries()) {
    const from = input.data.subarray(row * size, (row + 1) * size)
    if (input.scale === undefined) batch.set(from, i * size)
    else for (let k = 0; k < size; k++) batch[i * size + k] = (from[k] ?? 0) * multiply + add
  }
  return batch
}

/** The stored targets of an output for the rows named. */
export function gatherTarget(
  encoded: EncodedRows,
  name: string,
  rows: Uint32Array,
): Float32Array | Int32Array {
  const target = encoded.targets.find((candidate) => candidate.name === name)
  if (target === undefined) throw new Error(`the rows have no target for the output ${name}`)
  const size = target.shape.reduce((product, length) => product * length, 1)
  const batch =
    target.kind === 'classes' ? new Int32Array(rows.length * size) : new Float32Array(rows.length * size)
  for (const [i, row] of rows.entries())
    batch.set(target.data.subarray(row * size, (row + 1) * size), i * size)
  return batch
}
