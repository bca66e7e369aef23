import { UsageError } from '../errors.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { readExperiment } from '../experiment/experiment.ts'
import { crossValidationOf } from '../sweep/folds.ts'
import type { CrossValidation, FoldResult } from '../sweep/folds.ts'
import { environmentOf } from './environment.ts'
import { train } from './train.ts'
import type { TrainOptions } from './train.ts'

export type CrossValidateOptions = Omit<TrainOptions, 'resume' | 'runDir' | 'update' | 'onResume'> & {
  /** Number of folds; each is the validation split of one run. */
  readonly folds?: number | undefined
  /** Called before each fold, from 1. */
  readonly onFold?: ((fold: number, folds: number) => void) | undefined
}

/** k-fold cross-validation: mean and spread of every metric; undefined where the signal ended it. */
export async function crossValidate(options: CrossValidateOptions): Promise<CrossValidation | undefined> {
  const { config = DEFAULT_CONFIG, set = [], folds = 5, onFold } = options
  if (!Number.isInteger(folds) || folds < 2)
    throw new UsageError('--folds: expected a whole number from 2 on')
  // Finds every mistake before anything is trained, and reports warnings once.
  const { spec } = readExperiment(config, set, environmentOf(options))
  const runs: FoldResult[] = []
  let keys = {}
  for (let fold = 1; fold <= folds; fold++) {
    onFold?.(fold, folds)
    const { run, metrics, test, meaning } = await train({
      ...options,
      set: [...set, `data.split.fold=${fold}/${folds}`],
      onWarnings: undefined,
    })
    if (options.signal?.aborted) return undefined
    keys = meaning.keys
    runs.push({ fold, run, metrics, ...(test && { test }) })
  }
  return crossValidationOf(spec.name, runs, keys)
}
