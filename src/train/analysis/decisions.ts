/** Rows of two classes: the probability (or any score) of the positive one, and whether it is the true one. */
export type Scored = { readonly scores: ArrayLike<number>; readonly isPositive: ArrayLike<boolean> }

/** Rows that count as positive at each threshold: the different scores from the highest down, each included. */
export type Decisions = {
  readonly thresholds: Float64Array
  /** Positive rows at or above each threshold. */
  readonly hits: Float64Array
  /** Negative rows at or above each threshold. */
  readonly alarms: Float64Array
  readonly positives: number
  readonly negatives: number
}

/** Counts rows by threshold; those without a finite score are left out. */
export function decisionsOf({ scores, isPositive }: Scored): Decisions {
  const order = new Uint32Array(scores.length).map((_, i) => i).filter((i) => Number.isFinite(scores[i]))
  order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const thresholds = new Float64Array(order.length)
  const hits = new Float64Array(order.length)
  const alarms = new Float64Array(order.length)
  let [count, positives, negatives] = [0, 0, 0]
  for (const [at, row] of order.entries()) {
    if (isPositive[row]) positives += 1
    else negatives += 1
    const next = order[at + 1]
    if (next !== undefined && scores[next] === scores[row]) continue
    thresholds[count] = scores[row] ?? NaN
    hits[count] = positives
    alarms[count] = negatives
    count += 1
  }
  return {
    thresholds: thresholds.subarray(0, count),
    hits: hits.subarray(0, count),
    alarms: alarms.subarray(0, count),
    positives,
    negatives,
  }
}

/** A curve of two shares, point by point. */
export type CurvePoints = { readonly x: Float64Array; readonly y: Float64Array }

/** The receiver operating characteristic: false positive rate and recall, from (0, 0) on. sklearn: roc_curve. */
export function rocCurve({ hits, alarms, positives, negatives }: Decisions): CurvePoints {
  return {
    x: after(0, alarms, (count) => count / negatives),
    y: after(0, hits, (count) => count / positives),
  }
}

/** Recall and precision, from the highest threshold down. sklearn: precision_recall_curve, in the other order. */
export function precisionRecallCurve({ hits, alarms, positives }: Decisions): CurvePoints {
  return {
    x: after(0, hits, (count) => count / positives),
    y: after(1, hits, (count, i) => count / (count + (alarms[i] ?? 0))),
  }
}

/** A first number, and what a function makes of each of the others. */
function after(
  first: number,
  counts: Float64Array,
  change: (count: number, at: number) => number,
): Float64Array {
  const values = new Float64Array(counts.length + 1)
  values[0] = first
  values.set(counts.map(change), 1)
  return values
}

/** The area under a ROC curve, by trapezoids. sklearn: roc_auc_score. */
export function areaUnder({ x, y }: CurvePoints): number {
  let area = 0
  for (let i = 1; i < x.length; i++) {
    area += (((x[i] ?? 0) - (x[i - 1] ?? 0)) * ((y[i] ?? 0) + (y[i - 1] ?? 0))) / 2
  }
  return area
}

/** The mean precision, weighted by the growth of recall. sklearn: average_precision_score. */
export function averagePrecision({ x, y }: CurvePoints): number {
  let sum = 0
  for (let i = 1; i < x.length; i++) sum += ((x[i] ?? 0) - (x[i - 1] ?? 0)) * (y[i] ?? 0)
  return sum
}

/** A threshold above which rows count as positive, and what follows. */
export type Threshold = {
  readonly threshold: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** The threshold of the best F1; of several, the highest. */
export function bestF1(decisions: Decisions): Threshold | undefined {
  let best: Threshold | undefined
  for (let i = 0; i < decisions.thresholds.length; i++) {
    const one = thresholdAt(decisions, i)
    if (best === undefined || one.f1 > best.f1) best = one
  }
  return best
}

/** The highest threshold that keeps this recall. */
export function thresholdOfRecall(decisions: Decisions, recall: number): Threshold | undefined {
  const at = decisions.hits.findIndex((count) => count >= recall * decisions.positives)
  return at < 0 ? undefined : thresholdAt(decisions, at)
}

/** A number between the last score that counts as positive and the next one, so that `above` and `from` mean the same rows. */
function thresholdAt({ thresholds, hits, alarms, positives }: Decisions, at: number): Threshold {
  const [score = 0, next = 0] = [thresholds[at], thresholds[at + 1]]
  const [right = 0, wrong = 0] = [hits[at], alarms[at]]
  return {
    threshold: (score + next) / 2,
    precision: right / (right + wrong),
    recall: right / positives,
    f1: (2 * right) / (right + wrong + positives),
  }
}
