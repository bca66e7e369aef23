import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import type { MetricValues } from '../components/metrics/metric.ts'
import { prepareRows } from '../data/prepare/prepare.ts'
import type { ModelPorts } from '../data/fit/model-columns.ts'
import { readData } from '../data/prepare/read-data.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import { DataError, RunError, UsageError } from '../errors.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { dataFolderOf, readExperiment } from '../experiment/experiment.ts'
import type { Config } from '../experiment/experiment.ts'
import type { MetricMeaning } from '../experiment/metric-meaning.ts'
import { startRun } from '../experiment/new-run.ts'
import type { BegunRun } from '../experiment/ready-run.ts'
import { resumeRun } from '../experiment/resume.ts'
import { trainingWarnings } from '../experiment/data-warnings.ts'
import { sizedExperiment } from '../experiment/sized.ts'
import { portsOf, taskOf } from '../experiment/task.ts'
import { trainReady } from '../experiment/train-ready.ts'
import type { TrainedRun } from '../experiment/train-run.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { createNumberedFolder } from '../run/folder.ts'
import { lockRun } from '../run/lock.ts'
import { readRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import type { Listener } from '../components/callbacks/listener.ts'
import type { TrainingControl } from '../train/loop.ts'
import { version } from '../version.ts'
import { foldFolder, readCrossValidation, writeCrossValidation } from './cross-validation-folder.ts'
import type { CrossValidationRecord } from './cross-validation-folder.ts'
import { crossValidationOf } from './folds.ts'
import type { CrossValidation, FoldResult } from './folds.ts'
import { sideBySide } from './side-by-side.ts'

export type FoldsOptions = EngineOptions & {
  readonly config?: Config | undefined
  readonly set?: readonly string[] | undefined
  /** Number of folds; each is the validation split of one run. */
  readonly folds: number
  /** A cross-validation to resume, by its folder, or true for the latest of the config. */
  readonly resume?: string | true | undefined
  /** Number of cores, which as many folds share as are trained at once. */
  readonly cores: number
  /** Number of folds that are trained at once, at most; TensorFlow.js trains them one by one. */
  readonly jobs: number
  /** Receive the events of training of every fold. */
  readonly listeners: readonly Listener<TrainingControl>[]
  /** Ends training after the current step of each fold; it can be resumed. */
  readonly signal: AbortSignal
  readonly onBegin?: ((begun: BegunRun) => void) | undefined
  readonly onFolds?: ((event: FoldsEvent) => void) | undefined
}

/** An event of a cross-validation; folds count from 1. */
export type FoldsEvent =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'begin' | 'end'
      readonly fold: number
      readonly folds: number
      readonly metrics?: MetricValues
    }

/** The result of a fold, with what the names of its metrics do not tell where it was trained now. */
type TrainedFold = FoldResult & { readonly meaning?: MetricMeaning['keys'] }

/** A cross-validation in its folder. */
type Whole = { readonly folder: string; readonly record: Omit<CrossValidationRecord, 'format'> }

/** Trains every fold; undefined where the signal ended it. */
export async function trainFolds(
  options: FoldsOptions,
  environment: RunEnvironment,
): Promise<CrossValidation | undefined> {
  const { resume, signal, onFolds } = options
  const whole =
    resume === undefined ? await begin(options, environment) : await reopen(resume, options, environment)
  const { folder, record } = whole
  const unlock = await lockRun(folder, environment.process)
  const write = (changes: Partial<CrossValidationRecord>): Promise<void> =>
    writeCrossValidation(folder, { ...record, ...changes }, environment.files)
  onFolds?.({ kind: 'folder', folder })
  try {
    await write({ state: 'running' })
    const runs = await trainEach(whole, options, environment)
    const ended = new Date().toISOString()
    if (signal.aborted) {
      await write({ state: 'interrupted', ended })
      return undefined
    }
    const meaning = runs.flatMap((run) => run.meaning ?? [])[0] ?? record.meaning
    const { metrics, test, ...rest } = crossValidationOf(
      record.name,
      runs.map(({ meaning: _, ...run }) => run),
      meaning,
    )
    await write({ state: 'completed', ended, meaning, metrics, ...(test && { test }) })
    return { ...rest, run: folder, metrics, ...(test && { test }) }
  } catch (error) {
    // The error matters more than that this could not be written either.
    await write({ state: 'failed', ended: new Date().toISOString() }).catch(() => undefined)
    throw error
  } finally {
    await unlock()
  }
}

/** Finds every mistake before anything is trained, and makes the folder. */
async function begin(
  { config = DEFAULT_CONFIG, set = [], folds }: FoldsOptions,
  environment: RunEnvironment,
): Promise<Whole> {
  const silent = { ...environment, onWarnings: () => undefined }
  // A fold has validation rows, which the config alone may lack.
  const read = (fold: number): Experiment =>
    readExperiment(config, [...set, setFold(fold, folds)], fold === 1 ? environment : silent)
  const experiment = read(1)
  const each = [experiment, ...foldsOf(folds).slice(1).map(read)]
  const dataFolder = dataFolderOf(experiment, environment.cwd)
  const datasetsFolder = environment.datasets.folder ?? environment.datasets.fallback
  await requireRows(each, dataFolder, environment)
  const { spec } = experiment
  const folder = await createNumberedFolder(join(environment.cwd, 'runs', spec.name), 'cv-')
  await writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(spec, null, 2)}\n`, environment.files)
  const started = new Date().toISOString()
  const record = {
    nnlab: version,
    name: spec.name,
    data_folder: dataFolder,
    ...(datasetsFolder !== undefined && { datasets_folder: datasetsFolder }),
    folds,
    state: 'running' as const,
    started,
    meaning: {},
  }
  return { folder, record }
}

/** Reads the data once and divides, fits and encodes it for every fold: one that is impossible is refused here. */
async function requireRows(
  experiments: readonly Experiment[],
  directory: string,
  { stdin, datasets, onWarnings }: RunEnvironment,
): Promise<void> {
  const [first] = experiments
  if (first === undefined) return
  const reading = { directory, stdin, datasets, fingerprint: createHash('sha256') }
  const read = await readData(first.spec.data, reading)
  try {
    for (const [i, experiment] of experiments.entries()) {
      const { spec, document } = experiment
      const portsFor = (from: ReadData): ModelPorts => portsOf(taskOf(sizedExperiment(experiment, from)))
      const prepared = await prepareRows(read, spec.data, { ...reading, seed: spec.seed, portsFor }).catch(
        (error: unknown) => {
          if (!(error instanceof DataError)) throw error
          const { message, hint } = error
          throw new DataError(`fold ${i + 1} of ${experiments.length}: ${message}`, { hint, cause: error })
        },
      )
      if (i > 0) continue
      const warnings = await trainingWarnings(read, prepared, sizedExperiment(experiment, read))
      if (warnings.length > 0)
        onWarnings(
          warnings.map((warning) => document.locate(warning)),
          document.sources,
        )
    }
  } finally {
    read.spool?.close()
  }
}

async function reopen(
  resume: string | true,
  { config, set = [] }: FoldsOptions,
  environment: RunEnvironment,
): Promise<Whole> {
  if (set.length > 0)
    throw new UsageError('--set: the folds of a cross-validation that is resumed stay what they are')
  const { cwd } = environment
  const folder = resume === true ? await latest(config ?? DEFAULT_CONFIG, environment) : resolve(cwd, resume)
  const { format: _, ended: _ended, ...record } = await readCrossValidation(folder)
  return { folder, record }
}

/** The cross-validation of a config that was begun last. */
async function latest(config: Config, environment: RunEnvironment): Promise<string> {
  const { name } = readExperiment(config, [setFold(1, 2)], environment).spec
  const parent = join(environment.cwd, 'runs', name)
  const names = (await readdir(parent).catch(() => [])).filter((entry) => /^cv-\d+$/.test(entry))
  const last = names.toSorted((a, b) => Number(a.slice(3)) - Number(b.slice(3))).at(-1)
  if (last === undefined) throw new RunError(`there is no cross-validation of ${name} in ${parent}`)
  return join(parent, last)
}

async function trainEach(
  whole: Whole,
  options: FoldsOptions,
  environment: RunEnvironment,
): Promise<TrainedFold[]> {
  const { folds } = whole.record
  const atOnce = Math.min(options.jobs, folds)
  const inTurn = queue()
  const results: TrainedFold[] = []
  const tasks = foldsOf(folds).map((fold) => async (signal: AbortSignal): Promise<void> => {
    options.onFolds?.({ kind: 'begin', fold, folds })
    const result = await trainFold(fold, whole, { ...options, signal, atOnce, inTurn }, environment)
    if (result === undefined) return
    results.push(result)
    options.onFolds?.({ kind: 'end', fold, folds, metrics: result.metrics })
  })
  await sideBySide(tasks, atOnce, options.signal)
  return results.toSorted((a, b) => a.fold - b.fold)
}

type SharedMachine = {
  readonly atOnce: number
  readonly inTurn: <T>(action: () => Promise<T>) => Promise<T>
}

/** Returns a function that begins each action when those before it have ended. */
function queue(): SharedMachine['inTurn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (action) => {
    const next = last.then(action, action)
    last = next
    return next
  }
}

/** Trains a fold, resumes it, or reads what came out of it; undefined where the signal ended it. */
async function trainFold(
  fold: number,
  { folder, record }: Whole,
  { signal, listeners, onBegin, engine, backend, atOnce, cores, inTurn }: FoldsOptions & SharedMachine,
  environment: RunEnvironment,
): Promise<TrainedFold | undefined> {
  const { folds, data_folder: dataFolder, datasets_folder: datasetsFolder } = record
  const run = foldFolder(folder, fold, folds)
  const there = await readRecord(run)
  if (there?.state === 'completed') {
    return {
      fold,
      run,
      metrics: numbersOf(there.metrics),
      ...(there.test && { test: numbersOf(there.test) }),
    }
  }
  const own = {
    ...environment,
    onWarnings: () => undefined,
    onNote: (note: string) => environment.onNote(`fold ${fold}: ${note}`),
  }
  const threads = atOnce > 1 ? Math.max(1, Math.floor(cores / atOnce)) : undefined
  const chosen = { engine, backend, threads }
  const ready = there
    ? await resumeRun({ ...chosen, resume: run }, own)
    : await startRun({ ...chosen, set: [setFold(fold, folds)], runDir: run }, own, {
        folder,
        dataFolder,
        datasetsFolder,
      })
  const training = {
    onBegin,
    signal,
    listeners,
    onlyComplete: false,
    isLatest: false,
  }
  const train = (): Promise<TrainedRun> => trainReady(ready, training, own)
  // TensorFlow.js has one state for the whole process.
  const isAlone = ready.training.engine.name === 'tfjs'
  const { metrics, test, stopped, meaning } = await (isAlone ? inTurn(train) : train())
  if (stopped === 'interrupted') return undefined
  return { fold, run, metrics, ...(test && { test }), meaning: meaning.keys }
}

function foldsOf(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

function setFold(fold: number, folds: number): string {
  return `data.split.fold=${fold}/${folds}`
}

function numbersOf(recorded: RunRecord['metrics'] = {}): MetricValues {
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, value ?? NaN]))
}
