import { quantile, sum } from '../../statistics.ts'

/** Distances of predicted numbers from true ones, in the unit of the target. */
export type Residuals = {
  readonly rows: number
  /** The mean of predicted less true: above 0, predictions are too high. */
  readonly bias: number
  readonly mean_absolute_error: number
  readonly root_mean_squared_error: number
  readonly median_absolute_error: number
  /** The largest absolute error. */
  readonly max_error: number
  /** The share of the variance that is explained; NaN where all true numbers are equal. sklearn: r2_score. */
  readonly r2: number
}

/** Residuals of the rows whose true and predicted numbers are finite. */
export function residualsOf(truth: Float64Array, predicted: Float64Array): Residuals {
  const known = truth
    .map((_, i) => i)
    .filter((i) => Number.isFinite(truth[i]) && Number.isFinite(predicted[i]))
  const errors = known.map((i) => (predicted[i] ?? NaN) - (truth[i] ?? NaN))
  const absolute = errors.map(Math.abs).sort()
  const rows = known.length
  const mean = sum(known.map((i) => truth[i] ?? NaN)) / rows
  const squares = sum(errors.map((error) => error ** 2))
  return {
    rows,
    bias: sum(errors) / rows,
    mean_absolute_error: sum(absolute) / rows,
    root_mean_squared_error: Math.sqrt(squares / rows),
    median_absolute_error: quantile(absolute, 0.5),
    max_error: absolute.at(-1) ?? NaN,
    r2: 1 - squares / (sum(known.map((i) => ((truth[i] ?? NaN) - mean) ** 2)) || NaN),
  }
}
