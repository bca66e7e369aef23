import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { RunRecord } from '../run/record.ts'
import { BEST_CONFIG } from './best-config.ts'
import { crossValidation } from './folds.ts'
import { openSweepIn } from './open-sweep.ts'
import type { Repeated, Repetition } from './repetition.ts'
import { readRepetition, recordPath } from './repetition-folder.ts'
import { severalSeeds } from './seeds.ts'
import { spreadOf } from './spread.ts'
import { readSweep, SWEEP_RECORD } from './sweep-folder.ts'
import { outcomeOf } from './sweep-result.ts'
import type { SweepOutcome } from './sweep-result.ts'
import { storedResult } from './trials.ts'
import { readTurns } from './turn-result.ts'

/** A sweep, a cross-validation or a training with several seeds as a whole, as far as it has come. */
export type TrialGroup = {
  readonly name: string
  /** The absolute path of its folder. */
  readonly folder: string
  readonly state: GroupState
  readonly started: string
} & (
  | { readonly kind: 'sweep'; readonly outcome: SweepOutcome }
  | {
      readonly kind: 'cv' | 'seeds'
      readonly title: string
      /** Number of trials, with those that are not complete. */
      readonly trials: number
      readonly repeated: Repeated
    }
)

export type GroupState = Exclude<RunRecord['state'], 'diverged'>

const REPETITIONS = [crossValidation, severalSeeds]

/** The names of records, one of which is in the folder of every group. */
export const GROUP_RECORDS = [SWEEP_RECORD, ...REPETITIONS.map(({ name }) => `${name}.json`)]

/** Reads a group of trials from its folder; undefined where there is none. */
export async function readTrialGroup(folder: string): Promise<TrialGroup | undefined> {
  if (existsSync(join(folder, SWEEP_RECORD))) return sweepIn(folder)
  const repetition = REPETITIONS.find((one) => existsSync(recordPath(folder, one)))
  return repetition && repetitionIn(folder, repetition)
}

async function sweepIn(folder: string): Promise<TrialGroup> {
  const record = await readSweep(folder)
  const outcome = outcomeOf(await openSweepIn(folder, record), await readTurns(folder))
  const bestConfig = join(folder, BEST_CONFIG)
  const { name, state, started } = record
  return {
    kind: 'sweep',
    name,
    folder,
    state,
    started,
    outcome: { ...outcome, ...(existsSync(bestConfig) && { bestConfig }) },
  }
}

async function repetitionIn(folder: string, repetition: Repetition): Promise<TrialGroup> {
  const { name, state, started, meaning, ...chosen } = await readRepetition(folder, repetition)
  const trials = repetition.trials(chosen)
  const stored = await Promise.all(trials.map((trial) => storedResult(trial, folder)))
  const results = stored.filter((result) => result !== undefined)
  const metrics = spreadOf(results.map((result) => result.metrics))
  const test = results.some((result) => result.test)
    ? spreadOf(results.map((result) => result.test ?? {}))
    : undefined
  const repeated = { name, run: folder, results, meaning, metrics, test }
  const { name: kind, title } = repetition
  return { kind, title, name, folder, state, started, trials: trials.length, repeated }
}

/** The noun for people: `sweep`. */
export function titleOf(group: TrialGroup): string {
  return group.kind === 'sweep' ? 'sweep' : group.title
}
