import type { Balance } from '../../components/sources/options/rows.ts'
import { randomPermutation, stream } from '../../random.ts'
import type { TableRows } from '../fit/window.ts'

/**
 * Positions that give every class the same number, ascending. Where a class needs more than it has, all of its positions
 * are repeated equally often but for a random rest.
 */
export function balanced(classes: Int32Array, balance: Exclude<Balance, 'none'>, seed: number): Uint32Array {
  const members = new Map<number, number[]>()
  for (const [position, index] of classes.entries()) {
    const known = members.get(index)
    if (known) known.push(position)
    else members.set(index, [position])
  }
  const sizes = Array.from(members.values(), (positions) => positions.length)
  const size = balance === 'oversample' ? Math.max(...sizes) : Math.min(...sizes)
  const chosen = [...members].flatMap(([index, positions]) => {
    const order = randomPermutation(stream(seed, 'balance'), index, positions.length)
    return Array.from({ length: size }, (_, i) => positions[order[i % positions.length] ?? 0] ?? 0)
  })
  return Uint32Array.from(chosen).sort()
}

/** Rows of which every class has the same number. */
export function balancedRows(
  { rows, windows }: TableRows,
  /** The class of each table row. */
  indices: Int32Array,
  balance: Exclude<Balance, 'none'>,
  seed: number,
): TableRows {
  const chosen = balanced(new Int32Array(rows.map((row) => indices[row] ?? 0)), balance, seed)
  const steps = windows ? windows.length / rows.length : 0
  return {
    rows: Uint32Array.from(chosen, (position) => rows[position] ?? 0),
    ...(windows && {
      windows: Uint32Array.from(
        Array.from(chosen).flatMap((position) => [
          ...windows.subarray(position * steps, (position + 1) * steps),
        ]),
      ),
    }),
  }
}
