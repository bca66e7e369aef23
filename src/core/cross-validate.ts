import { availableParallelism } from 'node:os'

import { UsageError } from '../errors.ts'
import { trainFolds } from '../sweep/cross-validation.ts'
import type { FoldsOptions } from '../sweep/cross-validation.ts'
import type { CrossValidation } from '../sweep/folds.ts'
import { runEnvironmentOf } from './environment.ts'
import type { RunEnvironmentOptions } from './environment.ts'

export type CrossValidateOptions = RunEnvironmentOptions &
  Omit<Partial<FoldsOptions>, 'cores' | 'threads'> & {
    /** Number of folds that are trained at once; default: 1 where `listeners` are given, else as many as there are cores. */
    readonly jobs?: number | undefined
  }

/** k-fold cross-validation: mean and spread of every metric; undefined where the signal ended it. */
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidation | undefined> {
  const { folds = 5, jobs, listeners = [], signal = new AbortController().signal } = options
  if (!Number.isInteger(folds) || folds < 2)
    throw new UsageError('--folds: expected a whole number from 2 on')
  if (jobs !== undefined && (!Number.isInteger(jobs) || jobs < 1))
    throw new UsageError('--jobs: expected a whole number from 1 on')
  const cores = availableParallelism()
  return trainFolds(
    { ...options, folds, cores, jobs: jobs ?? (listeners.length > 0 ? 1 : cores), listeners, signal },
    runEnvironmentOf(options),
  )
}
