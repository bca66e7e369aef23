import type { EncodedInput, EncodedRows } from '../../data/rows/encoded-rows.ts'
import type { Session } from '../../engine/engine.ts'
import type { InputState } from '../../runtime/preprocessing.ts'
import { widthOf, widthOfAll } from '../../runtime/replay.ts'
import { mean, squaredDistances } from '../../statistics.ts'

/** The worsening of a metric where the values of a column are shuffled among the rows: mean and deviation of some shuffles. */
export type ColumnImportance = {
  readonly column: string
  readonly mean: number
  readonly deviation: number
}

/** Shuffles of a column. */
export const REPEATS = 5

/** The columns that inputs are made of. */
export function featureColumnsOf(inputs: readonly InputState[]): string[] {
  return [...new Set(inputs.flatMap(({ features }) => features.map(({ column }) => column)))]
}

export type ImportanceOptions = {
  readonly inputs: readonly InputState[]
  /** Measures rows; more is better. */
  readonly score: (rows: EncodedRows) => Promise<number>
  /** The order of the rows in a shuffle of a column. */
  readonly orderOf: (column: string, repeat: number) => Uint32Array
}

/** A mean drop below this share of the score is the rounding of sums. */
const ROUNDING = 1e-12

/**
 * Permutation importance of each column (Breiman 2001), the most important first. sklearn: permutation_importance.
 */
export async function importanceOf(
  session: Pick<Session, 'unload'>,
  encoded: EncodedRows,
  { inputs, score, orderOf }: ImportanceOptions,
): Promise<ColumnImportance[]> {
  const baseline = await score(encoded)
  const found: ColumnImportance[] = []
  for (const column of featureColumnsOf(inputs)) {
    const drops: number[] = []
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const shuffled = withColumnFrom(encoded, inputs, column, orderOf(column, repeat))
      drops.push(baseline - (await score(shuffled)))
      session.unload(shuffled)
    }
    // Drops that cancel leave the last bits of their sum.
    const drop = mean(drops)
    const isNone = Math.abs(drop) < ROUNDING * Math.max(1, Math.abs(baseline))
    found.push({ column, mean: isNone ? 0 : drop, deviation: Math.sqrt(squaredDistances(drops) / REPEATS) })
  }
  return found.toSorted((a, b) => b.mean - a.mean)
}

/** The rows with the numbers of one column from others: row i has those of `order[i]`, in windows at every step. */
function withColumnFrom(
  encoded: EncodedRows,
  inputs: readonly InputState[],
  column: string,
  order: Uint32Array,
): EncodedRows {
  const changed = encoded.inputs.map((input): EncodedInput => {
    const { features = [] } = inputs.find(({ name }) => name === input.name) ?? {}
    if (!features.some((feature) => feature.column === column)) return input
    const data = input.data.slice()
    const stride = widthOfAll(features)
    const size = data.length / encoded.rows
    let offset = 0
    for (const feature of features) {
      const width = widthOf(feature)
      if (feature.column === column) {
        for (const [row, from] of order.entries()) {
          for (let at = offset; at < size; at += stride)
            data.set(input.data.subarray(from * size + at, from * size + at + width), row * size + at)
        }
      }
      offset += width
    }
    return { ...input, data }
  })
  return { ...encoded, inputs: changed }
}
