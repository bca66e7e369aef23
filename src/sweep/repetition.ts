import type { MetricMeaning } from '../experiment/metric-meaning.ts'
import type { GroupKind } from './group-record.ts'
import { spreadsOf } from './spread.ts'
import type { Spread } from './spread.ts'
import type { Trial, TrialResult } from './trial.ts'

/** The trials of a repetition: folds 1 to `folds`, or seeds. */
export type RepeatedTrials = {
  readonly folds?: number | undefined
  readonly seeds?: readonly number[] | undefined
}

/** A way to train one config several times. */
export type Repetition = GroupKind & {
  readonly name: 'cv' | 'seeds'
  /** The option that gives the number of its trials. */
  readonly option: 'folds' | 'seeds'
  /** The trials of a new repetition, as its record keeps them; `seed` reads that of the config. */
  readonly choose: (count: number, seed: () => Promise<number>) => Promise<RepeatedTrials>
  readonly trials: (chosen: RepeatedTrials) => readonly Trial[]
}

/** Metric values of all trials of a repetition, and how they spread. */
export type Repeated = {
  /** Name of the config. */
  readonly name: string
  /** The absolute path of its folder. */
  readonly run: string
  readonly results: readonly TrialResult[]
  readonly meaning: MetricMeaning['keys']
  readonly metrics: Readonly<Record<string, Spread>>
  readonly test?: Readonly<Record<string, Spread>> | undefined
}

/** The metric values of trials as they spread. */
export function repeatedOf(
  name: string,
  run: string,
  results: readonly TrialResult[],
  meaning: MetricMeaning['keys'],
): Repeated {
  const hasTest = results.some((result) => result.test)
  return {
    name,
    run,
    results,
    meaning,
    metrics: spreadsOf(results.map((result) => result.metrics)),
    test: hasTest ? spreadsOf(results.map((result) => result.test ?? {})) : undefined,
  }
}
