import type { Program, Value } from '../ir/ir.ts'

/** A length that is fixed, or a multiple of the number of rows. */
export type Length = { readonly fixed: number } | { readonly rows: number }

/** Lengths as numbers, -1 for one that grows with the batch. */
export function sizesOf(lengths: readonly Length[]): number[] {
  return lengths.map((length) => ('rows' in length ? -1 : length.fixed))
}

/** Two sizes of a batch, which no length of a model is a multiple of by chance. */
export const BATCHES = [4093, 4099] as const

/** Tells which lengths in a program grow with the batch: the ones that differ in the same program of another batch. */
export class BatchLengths {
  readonly #others = new Map<Value, Value>()

  /** The programs of the two batches: one value beside the other. */
  constructor(first: Program, second: Program) {
    this.#pair(first, second)
  }

  #pair(first: Program, second: Program): void {
    for (const [i, value] of first.values.entries()) {
      const other = second.values[i]
      if (other?.op !== value.op) throw new Error('the program depends on the size of its batch')
      this.#others.set(value, other)
      if (value.op === 'scan' && other.op === 'scan') this.#pair(value.body, other.body)
    }
  }

  /** The lengths of the axes of a value. */
  of(value: Value): readonly Length[] {
    const other = this.#others.get(value)
    return value.shape.map((length, axis) => lengthOf(length, other?.shape[axis] ?? NaN))
  }
}

function lengthOf(first: number, second: number): Length {
  if (first === second) return { fixed: first }
  const rows = first / BATCHES[0]
  if (second / BATCHES[1] !== rows) throw new Error(`a length of ${first} is no multiple of the batch`)
  return { rows }
}
