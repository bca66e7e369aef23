/** Rows whose probability lies in a bin, with their mean probability and the share of them for which it came true. */
export type CalibrationBin = {
  readonly rows: number
  readonly probability: number
  readonly share: number
}

export type Calibration = {
  readonly bins: readonly CalibrationBin[]
  /** The expected calibration error: the distance of probability and share, weighted by rows. */
  readonly ece: number
  /** Mean probability and share over all rows. */
  readonly probability: number
  readonly share: number
}

/** Bins of equal width from 0 to 1. */
const BINS = 10

/**
 * Reliability of probabilities: how often what has a probability comes true. Bins without rows are left out. sklearn:
 * calibration_curve; the error as in Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017).
 */
export function calibrationOf(probabilities: ArrayLike<number>, cameTrue: ArrayLike<boolean>): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ rows: 0, probability: 0, hits: 0 }))
  let [rows, total, hits] = [0, 0, 0]
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i] ?? NaN
    const bin = sums[binOf(probability)]
    if (!bin) continue
    const hit = Number(cameTrue[i])
    bin.rows += 1
    bin.probability += probability
    bin.hits += hit
    rows += 1
    total += probability
    hits += hit
  }
  const bins = sums
    .filter((bin) => bin.rows > 0)
    .map((bin) => ({
      rows: bin.rows,
      probability: bin.probability / bin.rows,
      share: bin.hits / bin.rows,
    }))
  const ece = bins.reduce((sum, bin) => sum + (bin.rows / rows) * Math.abs(bin.probability - bin.share), 0)
  return { bins, ece, probability: total / rows, share: hits / rows }
}

/** The bin of a probability, with its upper bound: the first from 0 to 0.1, the last from above 0.9; -1 for NaN. */
function binOf(probability: number): number {
  if (Number.isNaN(probability)) return -1
  let bin = 0
  while (bin < BINS - 1 && probability > (bin + 1) * (1 / BINS)) bin += 1
  return bin
}

/**
 * The Brier score: the mean squared distance of probabilities [rows, classes] from the true class; of two classes, of the
 * probability of one. sklearn: brier_score_loss.
 */
export function brierScore(probabilities: ArrayLike<number>, truth: Int32Array, classes: number): number {
  let sum = 0
  for (const [row, index] of truth.entries()) {
    for (let k = 0; k < classes; k++) {
      sum += ((probabilities[row * classes + k] ?? NaN) - Number(k === index)) ** 2
    }
  }
  return sum / truth.length / (classes === 2 ? 2 : 1)
}
