import { sum } from '../statistics.ts'

/** The decisions of two classes by the probability above which a row counts as positive. */
export type ThresholdScores = {
  readonly threshold: number
  readonly precision: number
  /** Share of the positive rows above the threshold: the true positive rate. */
  readonly recall: number
  /** Share of the negative rows above the threshold. */
  readonly false_positive_rate: number
}

/** Thresholds are multiples of 1 / STEPS. */
const STEPS = 100

/** Counts of positive and negative rows by the number of thresholds below their probability. */
export class ThresholdCounts {
  readonly #positives = new Float64Array(STEPS + 1)
  readonly #negatives = new Float64Array(STEPS + 1)

  add(probability: number, isPositive: boolean): void {
    if (Number.isNaN(probability)) return
    const below = Math.min(STEPS, Math.ceil(probability * STEPS))
    const counts = isPositive ? this.#positives : this.#negatives
    counts[below] = (counts[below] ?? 0) + 1
  }

  /** Scores from the threshold 0 on; a share of no rows is 0, as scikit-learn reports it. */
  scores(): ThresholdScores[] {
    const [positives, negatives] = [above(this.#positives), above(this.#negatives)]
    const [allPositive, allNegative] = [sum(this.#positives), sum(this.#negatives)]
    const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
    return Array.from({ length: STEPS }, (_, i) => {
      const [hits, alarms] = [positives[i] ?? 0, negatives[i] ?? 0]
      return {
        threshold: i / STEPS,
        precision: share(hits, hits + alarms),
        recall: share(hits, allPositive),
        false_positive_rate: share(alarms, allNegative),
      }
    })
  }
}

/** Rows with a probability above each threshold. */
function above(counts: Float64Array): number[] {
  return Array.from({ length: STEPS }, (_, i) => sum(counts.subarray(i + 1)))
}
