import { availableParallelism } from 'node:os'

import { UsageError } from '../errors.ts'
import { runSweep } from '../sweep/sweep.ts'
import type { RunSweepOptions } from '../sweep/sweep.ts'
import type { SweepOutcome } from '../sweep/sweep-result.ts'
import { runEnvironmentOf } from './environment.ts'
import type { RunEnvironmentOptions } from './environment.ts'

export type SweepOptions = RunEnvironmentOptions & Omit<Partial<RunSweepOptions>, 'cores'>

/** A search over the parameters of a config; undefined where the signal ended it. */
export async function sweep(options: SweepOptions): Promise<SweepOutcome | undefined> {
  const cores = availableParallelism()
  const { jobs = cores, signal = new AbortController().signal } = options
  if (!Number.isInteger(jobs) || jobs < 1) throw new UsageError('--jobs: expected a whole number from 1 on')
  return runSweep({ ...options, cores, jobs, signal }, runEnvironmentOf(options))
}
