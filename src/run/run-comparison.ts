import type { StoredRun } from './catalog.ts'
import { specChanges } from './spec-changes.ts'
import type { SpecChange } from './spec-changes.ts'

/** Differences between two runs. */
export type RunComparison = {
  readonly spec: readonly SpecChange[]
  /** Values of every metric of either run; null where a run lacks it. */
  readonly metrics: readonly {
    readonly metric: string
    readonly a: number | null
    readonly b: number | null
  }[]
  readonly sameWeights: boolean
}

export function compareStoredRuns(first: StoredRun, second: StoredRun): RunComparison {
  const sha256 = first.record.weights_sha256
  return {
    spec: specChanges(first.spec, second.spec),
    metrics: [
      ...valuesOf(first.record.metrics, second.record.metrics, ''),
      ...valuesOf(first.record.test, second.record.test, 'test_'),
    ],
    sameWeights: sha256 !== undefined && sha256 === second.record.weights_sha256,
  }
}

type RecordedValues = StoredRun['record']['metrics']

function valuesOf(a: RecordedValues = {}, b: RecordedValues = {}, prefix: string): RunComparison['metrics'] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].map((name) => ({
    metric: `${prefix}${name}`,
    a: a[name] ?? null,
    b: b[name] ?? null,
  }))
}
