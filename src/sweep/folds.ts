import type { MetricValues } from '../components/metrics/metric.ts'
import type { MetricMeaning } from '../experiment/metric-meaning.ts'

/** Metric values of training on one fold; `test` are those of the test split, which all folds share. */
export type FoldResult = {
  readonly fold: number
  readonly run: string
  readonly metrics: MetricValues
  readonly test?: MetricValues | undefined
}

/** Mean of some values and their deviation as a sample, divided by their number - 1. */
export type Spread = { readonly mean: number; readonly deviation: number }

/** Metric values of all folds, and how they spread. */
export type CrossValidation = MetricMeaning['keys'] & {
  /** Name of the config. */
  readonly name: string
  /** The absolute path of its folder. */
  readonly run: string
  readonly folds: number
  readonly runs: readonly FoldResult[]
  readonly metrics: Readonly<Record<string, Spread>>
  readonly test?: Readonly<Record<string, Spread>>
}

export function crossValidationOf(
  name: string,
  runs: readonly FoldResult[],
  keys: MetricMeaning['keys'] = {},
): Omit<CrossValidation, 'run'> {
  const test = spreadOf(runs.map((run) => run.test ?? {}))
  return {
    name,
    folds: runs.length,
    runs,
    ...keys,
    metrics: spreadOf(runs.map(({ metrics }) => metrics)),
    ...(Object.keys(test).length > 0 && { test }),
  }
}

function spreadOf(folds: readonly MetricValues[]): Record<string, Spread> {
  const names = Object.keys(folds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = folds.map((metricValues) => metricValues[name] ?? NaN)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      return [name, { mean, deviation: Math.sqrt(squares / (values.length - 1)) }]
    }),
  )
}
