import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'

import { UsageError } from '../errors.ts'
import { crossValidation } from '../sweep/folds.ts'
import { SLURM_TASKS } from '../sweep/launchers/slurm.ts'
import { repeat } from '../sweep/repeat.ts'
import type { RepeatOptions } from '../sweep/repeat.ts'
import type { Repeated, Repetition } from '../sweep/repetition.ts'
import { recordPath } from '../sweep/group-record.ts'
import { severalSeeds } from '../sweep/seeds.ts'
import { JOBS_A_CORE } from '../sweep/train-in-folder.ts'
import { runEnvironmentOf } from './environment.ts'
import type { RunEnvironmentOptions } from './environment.ts'

export type RepeatTrainingOptions = RunEnvironmentOptions &
  Omit<Partial<RepeatOptions>, 'count' | 'cores' | 'threads'> & {
    /**
     * Number of trials that are trained at once; default: 1 where `listeners` are given, else two for each core. 0 follows
     * workers of other processes.
     */
    readonly jobs?: number | undefined
  }

export type CrossValidateOptions = RepeatTrainingOptions & {
  /** Number of folds; default: 5. */
  readonly folds?: number | undefined
}

/** k-fold cross-validation: mean and spread of every metric; undefined where the signal ended it. */
export function crossValidate({ folds, ...options }: CrossValidateOptions): Promise<Repeated | undefined> {
  return repeatTraining(crossValidation, folds, options)
}

export type TrainSeedsOptions = RepeatTrainingOptions & {
  /** Number of seeds, from that of the config on; default: 5. */
  readonly seeds?: number | undefined
}

/** Trains once for each of several seeds: mean and spread of every metric; undefined where the signal ended it. */
export function trainSeeds({ seeds, ...options }: TrainSeedsOptions): Promise<Repeated | undefined> {
  return repeatTraining(severalSeeds, seeds, options)
}

/** True for the folder of a training with several seeds. */
export function isSeedsFolder(folder: string, cwd: string): boolean {
  return existsSync(recordPath(resolve(cwd, folder), severalSeeds))
}

/** Maximum folds or seeds, each of which has a folder. */
const MOST_TRIALS = 10_000

async function repeatTraining(
  repetition: Repetition,
  count: number | undefined,
  options: RepeatTrainingOptions,
): Promise<Repeated | undefined> {
  const { jobs, slurm, listeners = [], signal = new AbortController().signal } = options
  if (count !== undefined && (!Number.isInteger(count) || count < 2 || count > MOST_TRIALS)) {
    throw new UsageError(`expected a whole number from 2 to ${MOST_TRIALS}`, { option: repetition.option })
  }
  if (jobs !== undefined && (!Number.isInteger(jobs) || jobs < 0))
    throw new UsageError('expected a whole number from 1 on', { option: 'jobs' })
  const cores = availableParallelism()
  const most = slurm ? SLURM_TASKS : listeners.length > 0 ? 1 : JOBS_A_CORE * cores
  return repeat(
    repetition,
    {
      ...options,
      count,
      cores,
      jobs: jobs ?? most,
      listeners,
      signal,
    },
    runEnvironmentOf(options),
  )
}
