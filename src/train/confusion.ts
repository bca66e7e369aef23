/** Counts of rows by class: rows of truth, columns of prediction. */
export type Confusion = readonly (readonly number[])[]

export type ClassScores = {
  readonly label: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Rows of the class. */
  readonly support: number
}

/** Counts rows by class; `before` holds rows that are counted already. */
export function confusionOf(
  truth: Int32Array,
  predicted: Int32Array,
  classes: number,
  before?: Confusion,
): Confusion {
  const counts = Array.from({ length: classes }, (_, i) =>
    before?.[i] ? [...before[i]] : new Array<number>(classes).fill(0),
  )
  for (const [i, index] of truth.entries()) {
    const row = counts[index]
    const column = predicted[i] ?? -1
    if (row?.[column] !== undefined) row[column] += 1
  }
  return counts
}

/** Counts the rows of each class; `before` holds rows that are counted already. */
export function rowsByClass(truth: Int32Array, classes: number, before?: readonly number[]): number[] {
  const counts = before ? [...before] : new Array<number>(classes).fill(0)
  for (const index of truth) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

/**
 * Precision, recall and F1 of each class, of which `truths` counts the rows: those without a prediction are in no column of
 * the matrix. 0 where there is nothing to divide by, as scikit-learn reports.
 */
export function classScores(
  confusion: Confusion,
  labels: readonly string[],
  truths: readonly number[],
): ClassScores[] {
  return labels.map((label, i) => {
    const hits = confusion[i]?.[i] ?? 0
    const support = truths[i] ?? 0
    const claimed = confusion.reduce((sum, row) => sum + (row[i] ?? 0), 0)
    const precision = claimed === 0 ? 0 : hits / claimed
    const recall = support === 0 ? 0 : hits / support
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
    return { label, precision, recall, f1, support }
  })
}
