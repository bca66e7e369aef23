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

/** A run, or several as a whole, to be compared. */
export type Compared = {
  readonly spec: unknown
  readonly metrics: Readonly<Record<string, number | null>>
  readonly weights?: string | undefined
}

export function comparedRun({ spec, record }: StoredRun): Compared {
  return { spec, metrics: metricValuesOf(record), weights: record.weights_sha256 }
}

export function compare(runs: readonly Compared[]): RunComparison {
  const values = runs.map(({ metrics }) => metrics)
  const names = [...new Set(values.flatMap(Object.keys))]
  return {
    spec: specDifferences(runs.map(({ spec }) => spec)),
    metrics: [
      ...names.filter((name) => !name.startsWith('test_')),
      ...names.filter((name) => name.startsWith('test_')),
    ].map((metric) => ({ metric, values: values.map((one) => one[metric] ?? null) })),
    weights: runs.map(({ weights }) => weights),
  }
}
