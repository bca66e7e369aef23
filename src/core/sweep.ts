import { availableParallelism } from 'node:os'

import { UsageError } from '../errors.ts'
import { SLURM_TASKS } from '../sweep/launchers/slurm.ts'
import { JOBS_A_CORE } from '../sweep/train-in-folder.ts'
import { runSweep } from '../sweep/sweep.ts'
import type { RunSweepOptions } from '../sweep/sweep.ts'
import type { SweepOutcome } from '../sweep/sweep-result.ts'
import { runEnvironmentOf } from './environment.ts'
import type { RunEnvironmentOptions } from './environment.ts'

export type SweepOptions = RunEnvironmentOptions &
  Omit<Partial<RunSweepOptions>, 'cores' | 'jobs'> & {
    /** Number of trials that are trained at once; default: two for each core. 0 follows workers of other processes. */
    readonly jobs?: number | undefined
  }

/** A search over the parameters of a config; undefined where the signal ended it. */
export async function sweep(options: SweepOptions): Promise<SweepOutcome | undefined> {
  const cores = availableParallelism()
  const {
    slurm,
    jobs = slurm ? SLURM_TASKS : JOBS_A_CORE * cores,
    signal = new AbortController().signal,
  } = options
  if (!Number.isInteger(jobs) || jobs < 0)
    throw new UsageError('expected a whole number from 1 on', { option: 'jobs' })
  return runSweep({ ...options, cores, jobs, signal }, runEnvironmentOf(options))
}
