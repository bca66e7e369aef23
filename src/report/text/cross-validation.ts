import type { MetricValues } from '../../components/metrics/metric.ts'
import { figure } from './format.ts'
import { table } from './table.ts'

/** What training on one fold gave; `test` are the figures of the test split, which all folds share. */
export type FoldResult = {
  readonly fold: number
  readonly run: string
  readonly metrics: MetricValues
  readonly test?: MetricValues | undefined
}

/** The document of `cv --json`: deviations are those of a sample, divided by folds - 1. */
export function crossValidation(runs: readonly FoldResult[]) {
  const test = spreadOf(runs.map((run) => run.test ?? {}))
  return {
    folds: runs.length,
    runs,
    metrics: spreadOf(runs.map(({ metrics }) => metrics)),
    ...(Object.keys(test).length > 0 && { test }),
  }
}

export type Spread = { readonly mean: number; readonly deviation: number }

function spreadOf(folds: readonly MetricValues[]): Record<string, Spread> {
  const names = Object.keys(folds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = folds.map((figures) => figures[name] ?? NaN)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      return [name, { mean, deviation: Math.sqrt(squares / (values.length - 1)) }]
    }),
  )
}

/** A row for each fold, then the mean and the deviation of every figure. */
export function renderCrossValidation(
  name: string,
  { runs, metrics, test = {} }: ReturnType<typeof crossValidation>,
  width: number,
): string {
  const columns = [
    ...Object.entries(metrics).map(([key, spread]) => ({
      title: key,
      spread,
      at: (run: FoldResult) => run.metrics[key],
    })),
    ...Object.entries(test).map(([key, spread]) => ({
      title: `test ${key}`,
      spread,
      at: (run: FoldResult) => run.test?.[key],
    })),
  ]
  const rows = [
    ...runs.map((run) => [`${run.fold}`, ...columns.map(({ at }) => figure(at(run) ?? NaN)), run.run]),
    ['mean', ...columns.map(({ spread }) => figure(spread.mean)), ''],
    ['deviation', ...columns.map(({ spread }) => figure(spread.deviation)), ''],
  ]
  return [
    `Cross-validation of ${name} over ${runs.length} folds`,
    table(
      ['Fold', ...columns.map(({ title }) => title), 'Run'],
      rows,
      ['left', ...columns.map((): 'right' => 'right'), 'left'],
      width,
    ),
    '',
  ].join('\n')
}
