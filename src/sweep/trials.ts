// Several trainings of one config, in run folders of their own below a common one.

import { join } from 'node:path'

import type { Listener } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { savedDocument } from '../experiment/experiment.ts'
import type { SavedConfig } from '../experiment/new-run.ts'
import type { BegunRun } from '../experiment/ready-run.ts'
import { readRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import type { TrainingControl } from '../train/loop.ts'
import { sideBySide } from './side-by-side.ts'
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

/** Trains trials, resumes them, or reads what came out of them; those that the signal ended are left out. */
export async function trainTrials(
  trials: readonly Trial[],
  place: TrialsPlace,
  options: TrialsOptions,
  environment: RunEnvironment,
): Promise<TrialResult[]> {
  const atOnce = Math.min(options.jobs, trials.length)
  const document = await savedDocument(place.folder)
  const results = new Map<Trial, TrialResult>()
  await onSharedMachine(options.cores, atOnce, (machine) => {
    const tasks = trials.map((trial) => async (signal: AbortSignal): Promise<void> => {
      options.onTrial?.({ kind: 'begin', trial })
      const own = { ...options, ...machine, signal }
      const result = await trainTrial(trial, { ...place, document }, own, environment)
      if (result === undefined) return
      results.set(trial, result)
      options.onTrial?.({ kind: 'end', trial, metrics: result.metrics })
    })
    return sideBySide(tasks, atOnce, options.signal)
  })
  return trials.flatMap((trial) => results.get(trial) ?? [])
}

async function trainTrial(
  trial: Trial,
  { folder, ...config }: TrialsPlace & SavedConfig,
  options: TrainInFolderOptions,
  environment: RunEnvironment,
): Promise<TrialResult | undefined> {
  const there = await storedResult(trial, folder)
  if (there) return there
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
