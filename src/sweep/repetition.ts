import type { MetricMeaning } from '../experiment/metric-meaning.ts'
import type { Spread } from './spread.ts'
import type { Trial, TrialResult } from './trial.ts'

/** The trials of a repetition: folds 1 to `folds`, or seeds. */
export type RepeatedTrials = {
  readonly folds?: number | undefined
  readonly seeds?: readonly number[] | undefined
}

/** A way to train one config several times. */
export type Repetition = {
  /** The name of its record, and the prefix of its folders. */
  readonly name: 'cv' | 'seeds'
  /** For people. */
  readonly title: string
  /** The command that trains it. */
  readonly command: 'cv' | 'train'
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
