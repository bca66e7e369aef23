import { linkLatest } from '../run/folder.ts'
import type { RunEnvironment } from './environment.ts'
import { begunRun, describeRun } from './ready-run.ts'
import type { BegunRun, ReadyRun } from './ready-run.ts'
import { trainRun } from './train-run.ts'
import type { TrainedRun, TrainRunOptions } from './train-run.ts'

export type TrainReadyOptions = TrainRunOptions & {
  /** Called when training is about to begin. */
  readonly onBegin?: ((begun: BegunRun) => void) | undefined
  /** Makes the run the latest of its config. */
  readonly isLatest: boolean
}

/** Trains a run that is ready, and unlocks its folder. */
export async function trainReady(
  ready: ReadyRun,
  { onBegin, isLatest, ...options }: TrainReadyOptions,
  environment: RunEnvironment,
): Promise<TrainedRun> {
  try {
    onBegin?.(begunRun(ready))
    await describeRun(ready, environment)
    // A fold is no plain run.
    if (isLatest && ready.training.experiment.spec.data.split.fold === undefined)
      await linkLatest(ready.folder)
    await ready.training.ranks?.share(ready.folder)
    return await trainRun(ready, options, environment)
  } finally {
    await ready.unlock()
  }
}
