import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { BEST_CONFIG } from './best-config.ts'
import { crossValidation } from './folds.ts'
import { openSweepIn } from './open-sweep.ts'
import { recordPath } from './group-record.ts'
import type { GroupState } from './group-record.ts'
import { repeatedOf } from './repetition.ts'
import type { Repeated, Repetition } from './repetition.ts'
import { readRepetition } from './repetition-folder.ts'
import { severalSeeds } from './seeds.ts'
import { readSweep, SWEEP } from './sweep-folder.ts'
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

const REPETITIONS = [crossValidation, severalSeeds]

/** The kinds of groups; the record of one of them is in the folder of every group. */
export const GROUP_KINDS = [SWEEP, ...REPETITIONS]

/** Reads a group of trials from its folder; undefined where there is none. */
export async function readTrialGroup(folder: string): Promise<TrialGroup | undefined> {
  if (existsSync(recordPath(folder, SWEEP))) return sweepIn(folder)
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
  const repeated = repeatedOf(name, folder, results, meaning)
  const { name: kind, title } = repetition
  return { kind, title, name, folder, state, started, trials: trials.length, repeated }
}

/** The noun for people: `sweep`. */
export function titleOf(group: TrialGroup): string {
  return group.kind === 'sweep' ? 'sweep' : group.title
}
