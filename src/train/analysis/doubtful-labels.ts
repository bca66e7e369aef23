import { mean, quantile } from '../../statistics.ts'
import type { PredictedClasses } from './predicted-rows.ts'

/** Rows labeled as one class that look like another. */
export type DoubtfulLabels = {
  readonly label: string
  readonly looksLike: string
  /** Rows of the label, and those of them that look like the other class. */
  readonly rows: number
  readonly doubtful: number
}

/** The mean probability from which rows of a class are recognized: looking, or not looking, like one that is not proves nothing. Ours. */
const RECOGNIZED = 0.5
/** The share of the rows of a class that look less like it than one that looks like it does at least. */
const LEAST_LIKE = 0.25

/**
 * Labels that may be wrong, after confident learning (Northcutt et al., JAIR 2021): the rows of a label that are predicted
 * as another class with at least the probability that most rows of that class have for it. There it is the mean,
 * which half of the rows that have a wrong label stay below. The most doubtful pairs first.
 */
export function doubtfulLabels(
  { truth, indices, classes }: Pick<PredictedClasses, 'truth' | 'indices' | 'classes'>,
  probabilities: Float64Array,
): DoubtfulLabels[] {
  const count = classes.length
  const own: number[][] = classes.map(() => [])
  for (const [row, index] of truth.entries()) own[index]?.push(probabilities[row * count + index] ?? NaN)
  const isRecognized = own.map((ofRows) => mean(ofRows) >= RECOGNIZED)
  const usual = own.map((ofRows) =>
    quantile(
      ofRows.toSorted((a, b) => a - b),
      LEAST_LIKE,
    ),
  )
  const found = new Map<number, number>()
  for (const [row, label] of truth.entries()) {
    const other = indices[row] ?? -1
    if (other === label || !isRecognized[label] || !isRecognized[other]) continue
    if (!((probabilities[row * count + other] ?? NaN) >= (usual[other] ?? NaN))) continue
    const pair = label * count + other
    found.set(pair, (found.get(pair) ?? 0) + 1)
  }
  return Array.from(found, ([pair, doubtful]) => ({
    label: classes[Math.floor(pair / count)] ?? '',
    looksLike: classes[pair % count] ?? '',
    rows: own[Math.floor(pair / count)]?.length ?? 0,
    doubtful,
  })).toSorted((a, b) => b.doubtful - a.doubtful)
}
