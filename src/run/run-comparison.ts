import type { StoredRun } from './catalog.ts'
import { metricValuesOf } from './record.ts'
import { specDifferences } from './spec-changes.ts'
import type { SpecDifference } from './spec-changes.ts'

/** Differences between runs; lists of values have one for each run. */
export type RunComparison = {
  readonly spec: readonly SpecDifference[]
  /** Values of every metric of any run; null where a run lacks it. */
  readonly metrics: readonly { readonly metric: string; readonly values: readonly (number | null)[] }[]
  /** SHA-256 of the final weights; undefined where a run has none. */
  readonly weights: readonly (string | undefined)[]
}

export function compareStoredRuns(runs: readonly StoredRun[]): RunComparison {
  const values = runs.map(({ record }) => metricValuesOf(record))
  const names = [...new Set(values.flatMap(Object.keys))]
  return {
    spec: specDifferences(runs.map(({ spec }) => spec)),
    metrics: [
      ...names.filter((name) => !name.startsWith('test_')),
      ...names.filter((name) => name.startsWith('test_')),
    ].map((metric) => ({ metric, values: values.map((one) => one[metric] ?? null) })),
    weights: runs.map(({ record }) => record.weights_sha256),
  }
}
