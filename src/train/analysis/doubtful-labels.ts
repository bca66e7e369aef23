import type { PredictedClasses } from './predicted-rows.ts'

/** Rows labelled as one class that look like another. */
export type DoubtfulLabels = {
  readonly label: string
  readonly looksLike: string
  /** Rows of the label, and those of them that look like the other class. */
  readonly rows: number
  readonly doubtful: number
}

/** The mean probability from which rows of a class are recognized: looking like a class that is not proves nothing. Ours. */
const RECOGNIZED = 0.5

/**
 * Labels that may be wrong, by confident learning (Northcutt et al., JAIR 2021): the rows of a label that are predicted as
 * another class with at least the mean probability that rows of that class have for it. The most doubtful pairs first.
 */
export function doubtfulLabels(
  { truth, indices, classes }: Pick<PredictedClasses, 'truth' | 'indices' | 'classes'>,
  probabilities: Float64Array,
): DoubtfulLabels[] {
  const count = classes.length
  const probabilityOf = (row: number, index: number): number => probabilities[row * count + index] ?? NaN
  const rows = new Float64Array(count)
  const confidence = new Float64Array(count)
  for (const [row, index] of truth.entries()) {
    rows[index] = (rows[index] ?? 0) + 1
    confidence[index] = (confidence[index] ?? 0) + probabilityOf(row, index)
  }
  const found = new Map<number, number>()
  for (const [row, label] of truth.entries()) {
    const other = indices[row] ?? -1
    if (other < 0 || other === label) continue
    const usual = (confidence[other] ?? 0) / (rows[other] ?? 0)
    if (usual < RECOGNIZED || probabilityOf(row, other) < usual) continue
    const pair = label * count + other
    found.set(pair, (found.get(pair) ?? 0) + 1)
  }
  return Array.from(found, ([pair, doubtful]) => ({
    label: classes[Math.floor(pair / count)] ?? '',
    looksLike: classes[pair % count] ?? '',
    rows: rows[Math.floor(pair / count)] ?? 0,
    doubtful,
  })).toSorted((a, b) => b.doubtful - a.doubtful)
}
