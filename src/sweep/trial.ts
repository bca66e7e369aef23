import type { MetricValues } from '../components/metrics/metric.ts'
import type { MetricMeaning } from '../experiment/metric-meaning.ts'

/** One of several trainings of a config. */
export type Trial = {
  readonly kind: 'fold' | 'seed'
  /** The fold, from 1, or the seed. */
  readonly number: number
  /** For people, with its place among all. */
  readonly title: string
  /** The name of its run folder. */
  readonly key: string
  /** Overrides of the config. */
  readonly set: readonly string[]
}

/** Metric values of a trial that is complete. */
export type TrialResult = {
  readonly trial: Trial
  /** The absolute path of its run folder. */
  readonly run: string
  readonly metrics: MetricValues
  /** Metric values of the test split, where there is one. */
  readonly test?: MetricValues | undefined
  /** SHA-256 of the weights, in hex. */
  readonly weightsSha256: string
  /** Facts that the names of metrics do not tell, where it was trained now. */
  readonly meaning?: MetricMeaning['keys'] | undefined
}
