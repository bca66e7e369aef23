import { resolve } from 'node:path'

import type { Listener } from '../components/callbacks/listener.ts'
import { RunError, UsageError } from '../errors.ts'
import type { Ranks } from '../engine/ranks.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { joinRun } from '../experiment/join-run.ts'
import { holdsRun, startRun } from '../experiment/new-run.ts'
import type { NewRunOptions } from '../experiment/new-run.ts'
import type { BegunRun, ReadyRun } from '../experiment/ready-run.ts'
import { resumeRun } from '../experiment/resume.ts'
import type { ResumeEvent } from '../experiment/resume.ts'
import { trainReady } from '../experiment/train-ready.ts'
import type { TrainedRun } from '../experiment/train-run.ts'
import { hasTrained, readRun } from '../run/catalog.ts'
import { lockRun } from '../run/lock.ts'
import { byOption, orElsewhere } from '../run/place-error.ts'
import type { TrainingControl } from '../train/loop.ts'
import { runEnvironmentOf } from './environment.ts'
import type { RunEnvironmentOptions } from './environment.ts'

/** Receives the events of training and may act on it. */
export type TrainingListener = Listener<TrainingControl>

export type TrainOptions = RunEnvironmentOptions &
  NewRunOptions & {
    /** A run to resume, by its folder, or true for the latest run of the config. */
    readonly resume?: string | true | undefined
    /**
     * Resumes the run in `runDir` where config and data are the same, else replaces it; the model is saved when training
     * is complete.
     */
    readonly update?: boolean | undefined
    /** Looks into the layers also where the config has no callback that does. */
    readonly diagnose?: boolean | undefined
    /** Ends training after the current step; the run can be resumed. A reason that is a string is recorded. */
    readonly signal?: AbortSignal | undefined
    /** Receive the events of training. */
    readonly listeners?: readonly TrainingListener[] | undefined
    /** Called when training is about to begin. */
    readonly onBegin?: ((begun: BegunRun) => void) | undefined
    readonly onResume?: ((event: ResumeEvent) => void) | undefined
  }

/** Trains the network of a config and saves it in a run folder. */
export async function train(options: TrainOptions): Promise<TrainedRun> {
  const environment = runEnvironmentOf(options)
  const {
    resume,
    onBegin,
    listeners = [],
    signal = new AbortController().signal,
    update = false,
    diagnose: diagnoses = false,
  } = options
  const isLatest = options.runDir === undefined && resume === undefined
  const training = { onBegin, listeners, signal, onlyComplete: update, isLatest, diagnoses }
  return orElsewhere(resume === undefined ? byOption('runDir') : undefined, async () =>
    trainReady(await readyRun(options, environment), training, environment),
  )
}

/** Trains as one of the ranks of an MPI job but the first, whose run it is. */
export async function trainAlong(options: TrainOptions & { readonly ranks: Ranks }): Promise<void> {
  await joinRun(options.ranks, { ...options, diagnoses: options.diagnose }, runEnvironmentOf(options))
}

/** A new run, or one to resume. */
async function readyRun(options: TrainOptions, environment: RunEnvironment): Promise<ReadyRun> {
  const { config = DEFAULT_CONFIG, resume, runDir, update } = options
  if (resume !== undefined) return resumeRun({ ...options, resume }, environment)
  if (update && options.fork !== undefined)
    throw new UsageError('a forked run is always a new one', { option: 'update' })
  if (update && runDir === undefined)
    throw new UsageError('expected the folder of a run', {
      option: 'update',
      hint: (option) => `name the folder of the run with ${option('runDir')}`,
    })
  const there = runDir === undefined ? undefined : await readRun(resolve(environment.cwd, runDir))
  if (runDir === undefined || there === undefined) return startRun(options, environment)
  if (!update && !(await hasTrained(there))) return startRun(options, environment)
  if (!update) {
    // Where its process is alive, the lock says so.
    const unlock = await lockRun(there.folder, environment.process)
    await unlock()
    throw await holdsRun(runDir, there, environment.process)
  }
  try {
    return await resumeRun({ ...options, config, resume: runDir, exact: true }, environment)
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    const ready = await startRun(options, environment)
    environment.onNote(`${runDir} is retrained: ${error.lines.map((line) => line.trim()).join(' ')}`)
    return ready
  }
}
