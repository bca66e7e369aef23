// Several trainings of one config, in run folders of their own below a common one.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Listener } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { savedDocument } from '../experiment/experiment.ts'
import type { SavedConfig } from '../experiment/new-run.ts'
import type { BegunRun } from '../experiment/ready-run.ts'
import { makeFolder } from '../run/atomic.ts'
import type { HostProcess } from '../run/host-process.ts'
import { tryLock } from '../run/lock.ts'
import { readRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import type { TrainingControl } from '../train/loop.ts'
import { Heartbeat } from './heartbeat.ts'
import { sideBySide } from './side-by-side.ts'
import { follow } from './follow.ts'
import { onSharedMachine, trainInFolder } from './train-in-folder.ts'
import type { TrainInFolderOptions } from './train-in-folder.ts'
import type { Trial, TrialResult } from './trial.ts'

/** The common folder of trials: its spec.json is the config that each of them overrides. */
export type TrialsPlace = {
  readonly folder: string
  /** The folder that the paths in the data section start from. */
  readonly dataFolder: string
  /** The folder of the known data sets, where one was named. */
  readonly datasetsFolder?: string | undefined
}

export type TrialsOptions = EngineOptions & {
  /** The command that resumes them. */
  readonly resumeWith?: string | undefined
  /** Number of cores, which as many trials share as are trained at once. */
  readonly cores: number
  /** Number of trials that are trained at once, at most; TensorFlow.js trains them one by one. */
  readonly jobs: number
  /** Receive the events of training of every trial. */
  readonly listeners: readonly Listener<TrainingControl>[]
  /** Ends training after the current step of each trial; it can be resumed. */
  readonly signal: AbortSignal
  readonly onBegin?: ((begun: BegunRun) => void) | undefined
  readonly onTrial?: ((event: TrialEvent) => void) | undefined
}

/** A trial that begins, or that ended. */
export type TrialEvent = {
  readonly kind: 'begin' | 'end'
  readonly trial: Trial
  readonly metrics?: MetricValues
}

/** Time until the trials of other processes are looked for again. */
const POLL_MS = 500

/**
 * Trains trials, resumes them, or reads what came out of them; those that the signal ended are left out. Several processes
 * may do so at once: each trial is trained by one of them.
 */
export async function trainTrials(
  trials: readonly Trial[],
  place: TrialsPlace,
  options: TrialsOptions,
  environment: RunEnvironment,
): Promise<TrialResult[]> {
  const { folder } = place
  const atOnce = Math.min(options.jobs, trials.length)
  const document = await savedDocument(folder)
  const heartbeat = new Heartbeat(folder, environment)
  const results = new TrialResults(trials, folder, options.onTrial)
  /** Trials that this process trains. */
  const own = new Set<Trial>()
  await makeFolder(join(folder, 'trials'), environment.files)
  await heartbeat.during((isDead) =>
    onSharedMachine(options.cores, atOnce, (machine) => {
      const train = async (trial: Trial, signal: AbortSignal): Promise<void> => {
        options.onTrial?.({ kind: 'begin', trial })
        const each = { ...options, ...machine, signal }
        const result = await trainTrial(trial, { ...place, document }, each, environment)
        if (result) results.add(result)
      }
      const work = async (signal: AbortSignal): Promise<void> => {
        while (!signal.aborted) {
          const claimed = await claim(results, own, environment.process, heartbeat)
          if (claimed) await train(claimed.trial, signal).finally(claimed.release)
          else if (results.missing.every((trial) => own.has(trial))) return
          else await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
        }
      }
      const workers = Array.from({ length: atOnce }, () => work)
      return sideBySide(workers, atOnce, AbortSignal.any([options.signal, isDead]))
    }),
  )
  return results.found
}

/** Results of trials that others train, until all are there, the signal ends it, or nobody works on them any more. */
export async function followTrials(
  trials: readonly Trial[],
  folder: string,
  isWorked: () => Promise<boolean>,
  { signal, onTrial }: Pick<TrialsOptions, 'signal' | 'onTrial'>,
): Promise<TrialResult[]> {
  const results = new TrialResults(trials, folder, onTrial)
  const look = async (): Promise<boolean> => {
    for (const trial of results.missing) await results.look(trial)
    return results.missing.length === 0
  }
  await follow(look, isWorked, signal)
  return results.found
}

/** The results of trials as they become known. */
class TrialResults {
  readonly #trials: readonly Trial[]
  readonly #folder: string
  readonly #onTrial: TrialsOptions['onTrial']
  readonly #results = new Map<Trial, TrialResult>()

  constructor(trials: readonly Trial[], folder: string, onTrial: TrialsOptions['onTrial']) {
    this.#trials = trials
    this.#folder = folder
    this.#onTrial = onTrial
  }

  get folder(): string {
    return this.#folder
  }

  get missing(): Trial[] {
    return this.#trials.filter((trial) => !this.#results.has(trial))
  }

  /** In the order of the trials. */
  get found(): TrialResult[] {
    return this.#trials.flatMap((trial) => this.#results.get(trial) ?? [])
  }

  add(result: TrialResult): void {
    const { trial, metrics } = result
    this.#results.set(trial, result)
    this.#onTrial?.({ kind: 'end', trial, metrics })
  }

  /** Takes the result of a trial that is stored; false where none is. */
  async look(trial: Trial): Promise<boolean> {
    const stored = await storedResult(trial, this.#folder)
    if (stored === undefined) return false
    this.#onTrial?.({ kind: 'begin', trial })
    this.add(stored)
    return true
  }
}

/** Makes this process the only one on a trial that has no result. */
async function claim(
  results: TrialResults,
  own: Set<Trial>,
  host: HostProcess,
  heartbeat: Heartbeat,
): Promise<{ trial: Trial; release: () => Promise<void> } | undefined> {
  for (const trial of results.missing) {
    if (own.has(trial)) continue
    own.add(trial)
    const lock = `${runFolder(trial, results.folder)}.lock`
    const unlock = await tryLock(lock, host, (owner) => heartbeat.isAlive(owner))
    const release = async (): Promise<void> => {
      own.delete(trial)
      await unlock?.()
    }
    let isClaimed = false
    try {
      isClaimed = unlock !== undefined && !(await results.look(trial))
    } finally {
      if (!isClaimed) await release()
    }
    if (isClaimed) return { trial, release }
  }
  return undefined
}

async function trainTrial(
  trial: Trial,
  { folder, ...config }: TrialsPlace & SavedConfig,
  options: TrainInFolderOptions,
  environment: RunEnvironment,
): Promise<TrialResult | undefined> {
  const run = runFolder(trial, folder)
  const own = {
    ...environment,
    onNote: (note: string) => environment.onNote(`${trial.title}: ${note}`),
  }
  const { metrics, test, stopped, weightsSha256, meaning } = await trainInFolder(
    { run, set: trial.set },
    config,
    options,
    own,
  )
  if (stopped === 'interrupted') return undefined
  return { trial, run, metrics, ...(test && { test }), weightsSha256, meaning: meaning.keys }
}

function runFolder({ key }: Trial, folder: string): string {
  return join(folder, 'trials', key)
}

/** The result of a trial in the common folder; undefined where it is not complete. */
export async function storedResult(trial: Trial, folder: string): Promise<TrialResult | undefined> {
  const run = runFolder(trial, folder)
  const record = await readRecord(run)
  return record?.state === 'completed' ? resultOf(trial, run, record) : undefined
}

function resultOf(trial: Trial, run: string, record: RunRecord): TrialResult {
  const { metrics, test, weights_sha256: weightsSha256 = '' } = record
  return { trial, run, metrics: numbersOf(metrics), ...(test && { test: numbersOf(test) }), weightsSha256 }
}

function numbersOf(recorded: RunRecord['metrics'] = {}): MetricValues {
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, value ?? NaN]))
}
