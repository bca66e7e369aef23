import type { Listener } from '../components/callbacks/listener.ts'
import { SharedRows } from '../data/prepare/prepare.ts'
import { Members } from '../engine/compiled/members.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { startRun } from '../experiment/new-run.ts'
import type { SavedConfig } from '../experiment/new-run.ts'
import type { BegunRun } from '../experiment/ready-run.ts'
import { resumeRun } from '../experiment/resume.ts'
import { trainReady } from '../experiment/train-ready.ts'
import type { TrainedRun, TrainRunOptions } from '../experiment/train-run.ts'
import { unlockElsewhere } from '../run/lock.ts'
import { readRecord } from '../run/record.ts'
import type { TrainingControl } from '../train/loop.ts'

/** Trials that are trained at once: while one of a core waits for the main thread or the disk, another has the core. */
export const JOBS_A_CORE = 2

/** A run of several that have a config in common. */
type TrialRun = {
  /** The absolute path of its folder. */
  readonly run: string
  /** Overrides of the config that the trials have in common. */
  readonly set: readonly string[]
}

/** Machine that several trials share. */
type Machine = {
  /** Number of cores, which as many trials share as are trained at once. */
  readonly cores: number
  readonly atOnce: number
  /** Begins an action when those before it have ended. */
  readonly inTurn: <T>(action: () => Promise<T>) => Promise<T>
  /** Compiled modules and threads of all. */
  readonly members: Members
  readonly rows: SharedRows
}

/** Runs what trains several trials at once, on a machine that they share. */
export async function onSharedMachine<T>(
  cores: number,
  atOnce: number,
  trainAll: (machine: Machine) => Promise<T>,
): Promise<T> {
  const members = new Members(cores)
  try {
    return await trainAll({ cores, atOnce, inTurn: queue(), members, rows: new SharedRows() })
  } finally {
    members.dispose()
  }
}

export type TrainInFolderOptions = Pick<EngineOptions, 'engine' | 'backend'> &
  Pick<TrainRunOptions, 'resumeWith'> &
  Machine & {
    readonly listeners: readonly Listener<TrainingControl>[]
    readonly signal: AbortSignal
    readonly onBegin?: ((begun: BegunRun) => void) | undefined
  }

/** Trains a run in its folder, or resumes it where it was begun. Nobody else may work on it: a lock of another machine is no more. */
export async function trainInFolder(
  { run, set }: TrialRun,
  base: SavedConfig,
  {
    engine,
    backend,
    cores,
    atOnce,
    inTurn,
    members,
    rows,
    signal,
    listeners,
    onBegin,
    resumeWith,
  }: TrainInFolderOptions,
  environment: RunEnvironment,
): Promise<TrainedRun> {
  const own = { ...environment, rows, onWarnings: () => undefined }
  const threads = atOnce > 1 ? Math.max(1, Math.floor(cores / atOnce)) : undefined
  const chosen = { engine, backend, threads, members }
  await unlockElsewhere(run)
  const isBegun = (await readRecord(run)) !== undefined
  const ready = isBegun
    ? await resumeRun({ ...chosen, resume: run }, own)
    : await startRun({ ...chosen, set, runDir: run }, own, base)
  const training = { onBegin, signal, listeners, onlyComplete: false, isLatest: false, resumeWith }
  const train = (): Promise<TrainedRun> => trainReady(ready, training, own)
  // TensorFlow.js has one state for the whole process.
  const isAlone = ready.training.engine.name === 'tfjs'
  return isAlone ? inTurn(train) : train()
}

/** Returns a function that begins each action when those before it have ended. */
function queue(): Machine['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (action) => {
    const next = last.then(action, action)
    last = next
    return next
  }
}
