import { randomPermutation, stream } from '../../random.ts'
import type { Balance } from '../../components/sources/options/balance.ts'
import type { Samples } from '../fit/window.ts'

/**
 * Which samples give every class the same number, ascending. Where a class needs more than it has, all of its samples
 * are repeated equally often but for a random rest.
 */
export function balanced(classes: Int32Array, balance: Exclude<Balance, 'none'>, seed: number): Uint32Array {
  const members = new Map<number, number[]>()
  for (const [sample, index] of classes.entries()) {
    const known = members.get(index)
    if (known) known.push(sample)
    else members.set(index, [sample])
  }
  const sizes = Array.from(members.values(), (samples) => samples.length)
  const size = balance === 'oversample' ? Math.max(...sizes) : Math.min(...sizes)
  const chosen = [...members].flatMap(([index, samples]) => {
    const order = randomPermutation(stream(seed, 'balance'), index, samples.length)
    return Array.from({ length: size }, (_, i) => samples[order[i % samples.length] ?? 0] ?? 0)
  })
  return Uint32Array.from(chosen).sort()
}

/** Samples of which every class has the same number. */
export function balancedSamples(
  { rows, windows }: Samples,
  /** The class of each table row. */
  indices: Int32Array,
  balance: Exclude<Balance, 'none'>,
  seed: number,
): Samples {
  const chosen = balanced(
    Int32Array.from(rows, (row) => indices[row] ?? 0),
    balance,
    seed,
  )
  const steps = windows ? windows.length / rows.length : 0
  const pick = Array.from(chosen)
  return {
    rows: Uint32Array.from(chosen, (sample) => rows[sample] ?? 0),
    ...(windows && {
      windows: Uint32Array.from(
        pick.flatMap((sample) => [...windows.subarray(sample * steps, (sample + 1) * steps)]),
      ),
    }),
  }
}
