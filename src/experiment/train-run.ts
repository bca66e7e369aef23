import { basename, relative } from 'node:path'

import { RunError } from '../errors.ts'
import { CheckpointListener } from '../run/checkpoint-listener.ts'
import { createEventsJsonl } from '../run/events-jsonl.ts'
import { readFindings } from '../run/findings.ts'
import { createHistoryCsv } from '../run/history-csv.ts'
import { readHistory } from '../run/history.ts'
import { WriteError, writeFilesAtomic } from '../run/atomic.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { RunLogs } from '../run/logs.ts'
import { compiledModelFiles, weightsSha256 } from '../run/model-files.ts'
import { requireThere } from '../run/folder.ts'
import { createProgressFile } from '../run/progress-file.ts'
import { recordFile, writeRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import { whenThereIsRoom } from '../run/room.ts'
import type { RoomWaiting } from '../run/room.ts'
import { runName } from '../run/run-name.ts'
import type { Session } from '../engine/engine.ts'
import { LostRankError } from '../engine/mpi/mpi-ranks.ts'
import { StepDivergedError } from '../train/divergence.ts'
import { evaluateOnRanks, evaluateRows } from '../train/evaluate.ts'
import type { Trained, TrainingControl } from '../train/loop.ts'
import type { TrainingState } from '../train/training-state.ts'
import { metricValuesOf } from '../train/metric-values.ts'
import type { TrainingFinding } from '../components/callbacks/diagnosis/finding.ts'
import type { Listener } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import { counted } from '../wording.ts'
import { explainDivergence } from './diverged.ts'
import type { RunEnvironment } from './environment.ts'
import { beginningOf } from './fork.ts'
import { ledOnRanks } from './states-of-ranks.ts'
import type { ReadyRun } from './ready-run.ts'
import type { MetricMeaning } from './metric-meaning.ts'
import { naiveForecastNotes } from './naive-forecast.ts'
import { nothingLeft } from './nothing-left.ts'
import { openSession, originOf, runTraining } from './training.ts'
import type { Training } from './training.ts'
import { timeBudget } from './time-budget.ts'
import type { TimeBudget } from './time-budget.ts'
import { directionsOf } from '../spec/schema/per-output.ts'

export type TrainRunOptions = {
  readonly listeners: readonly Listener<TrainingControl>[]
  /** Ends training after the current step; the run can be resumed. */
  readonly signal: AbortSignal
  /** Saves no model before training is complete. */
  readonly onlyComplete: boolean
  /** The command that resumes what the run is a part of; default: the one that resumes the run. */
  readonly resumeWith?: string | undefined
  /** Looks into the layers also where the config has no callback that does. */
  readonly diagnoses?: boolean
}

/** A run that was trained, in whole or until it was interrupted. */
export type TrainedRun = {
  /** The absolute path of its folder. */
  readonly run: string
  readonly engine: string
  readonly arithmetic: string
  readonly threads: number
  readonly seed: number
  readonly epochs: number
  readonly steps: number
  /** Duration of the training. */
  readonly seconds: number
  /** The reason why training ended: `completed`, `interrupted`, or that of a callback or the signal. */
  readonly stopped: string
  /** The epoch whose weights were saved, from 0, and its metric values. */
  readonly epoch: number
  readonly metrics: MetricValues
  /** Metric values of the test split, where there is one. */
  readonly test: MetricValues | undefined
  /** Faults that the training was found to have, in the order of time. */
  readonly findings: readonly TrainingFinding[]
  /** SHA-256 of the weights, in hex. */
  readonly weightsSha256: string
  readonly meaning: MetricMeaning
}

/** Trains a run and saves its model; however that ends, its record says so. */
export async function trainRun(
  ready: ReadyRun,
  options: TrainRunOptions,
  environment: RunEnvironment,
): Promise<TrainedRun> {
  const { folder, record, training, from } = ready
  const { spec } = training.experiment
  const store = new Checkpoints(folder, record.id, environment.files)
  if (from !== undefined && spec.checkpoint.best > 0) await store.recall(originOf(training, record.id))
  const budget = timeBudget(spec.fit.train_time_budget)
  const logs = await RunLogs.in(folder, spec.fit.callbacks, environment.files)
  const session = openSession(training)
  try {
    return await trainAndSave(session, store, ready, { ...options, budget, logs }, environment)
  } catch (error) {
    const state = error instanceof StepDivergedError ? 'diverged' : 'failed'
    const failed: RunRecord = { ...record, state, ended: new Date().toISOString() }
    // The error matters more than that this could not be written either.
    await writeRecord(folder, failed, environment.files).catch(() => undefined)
    if (error instanceof StepDivergedError) {
      // The other ranks have ended.
      const alone = { ...ready, training: { ...training, ranks: undefined } }
      throw await endDiverged(error, store, alone, options, environment)
    }
    if (error instanceof WriteError || error instanceof LostRankError) {
      const { resumeWith = `nnlab train --resume ${runName(folder, environment.cwd)}` } = options
      throw await withLastCheckpoint(error, store, resumeWith)
    }
    throw error
  } finally {
    budget.cancel()
    session.dispose()
    for (const log of logs.all) log.drop()
    training.data.close()
  }
}

async function trainAndSave(
  session: Session,
  store: Checkpoints,
  { folder, record, training, from, resumed }: ReadyRun,
  { listeners, signal, budget, logs, onlyComplete, diagnoses = false }: TrainRunOptions & Parts,
  environment: RunEnvironment,
): Promise<TrainedRun> {
  const { experiment, task } = training
  const { spec } = experiment
  const { onDiskFull, onNote, cwd } = environment
  let stepsBefore = 0
  const directions = directionsOf(spec.compile, task.graph.outputs)
  const ranked = { checkpoint: spec.checkpoint, directions }
  const waiting = waitingForRoom(signal, environment)
  const ends = AbortSignal.any([signal, budget.signal])
  const findings: TrainingFinding[] = []
  const trained = await runTraining(session, training, {
    listeners: [
      { onFinding: (finding) => void findings.push(finding) },
      { onTrainBegin: budget.start },
      { onTrainBegin: ({ stepsDone }) => void (stepsBefore = stepsDone) },
      createHistoryCsv(logs.of('history.csv'), ranked, (await readHistory(folder)).names),
      createEventsJsonl(logs.of('events.jsonl'), ranked),
      createProgressFile(folder),
      ...listeners,
      ledOnRanks(
        new CheckpointListener({
          spec: spec.checkpoint,
          directions,
          store,
          logs: logs.all,
          waiting,
          onDiskFull,
        }),
        training.ranks,
      ),
    ],
    signal: training.ranks?.together(ends) ?? ends,
    from,
    diagnoses,
    run: {
      id: record.id,
      name: spec.name,
      label: relative(cwd, folder) || basename(folder),
      config: record.config,
      spec,
      credentials: environment.mlflow,
      proxies: environment.datasets.proxies,
      note: onNote,
    },
    past: () => pastEpochs(folder),
    log: (name) => logs.of(name),
  })
  for (const log of logs.all) await whenThereIsRoom(() => log.close(), waiting)
  if (resumed && !onlyComplete && trained.steps === stepsBefore && trained.stopped !== 'interrupted') {
    onNote(nothingLeft(runName(folder, cwd), trained.stopped, spec))
  }
  const saves = !onlyComplete || trained.stopped !== 'interrupted'
  const result = await saveResult(session, trained, { folder, record, training }, saves, waiting, environment)
  return { ...result, findings: resumed ? await readFindings(folder) : findings }
}

async function pastEpochs(folder: string): Promise<Iterable<[number, MetricValues]>> {
  const { names, epochs } = await readHistory(folder)
  return Array.from(epochs, ([epoch, values]) => [
    epoch,
    Object.fromEntries(names.map((name, i) => [name, Number(values[i] ?? NaN)])),
  ])
}

type Parts = {
  readonly budget: TimeBudget
  readonly logs: RunLogs
}

function waitingForRoom(signal: AbortSignal, { onDiskFull }: RunEnvironment): RoomWaiting {
  return {
    signal,
    tell: ({ message }) => onDiskFull(`${message}; retrying until there is room (Ctrl-C stops)`),
  }
}

/** Saves the model of a session and what came out of its training. */
async function saveResult(
  session: Session,
  trained: Trained,
  { folder, record, training }: Pick<ReadyRun, 'folder' | 'record' | 'training'>,
  savesModel: boolean,
  waiting: RoomWaiting,
  { files, onNote }: RunEnvironment,
): Promise<Omit<TrainedRun, 'findings'>> {
  const { experiment, task, data } = training
  const { spec, graph } = experiment
  const test =
    data.test &&
    metricValuesOf(task, await evaluateOnRanks(session, data.test, spec.fit.batch_size, training.ranks))
  const weights = await session.weights()
  if (savesModel)
    for (const note of await naiveForecastNotes(session, data, spec.fit.batch_size)) onNote(note)
  await requireThere(folder)
  const model = { spec, graph, weights, preprocessing: data.preprocessing }
  const saved = savesModel ? await compiledModelFiles(model) : undefined
  for (const what of saved?.unsupported ?? [])
    onNote(`plain TensorFlow.js lacks ${what}: the model loads in nnlab only`)
  const { threads, native } = session
  const result = { ...trained, test, threads, native, sha256: weightsSha256(graph, weights) }
  const written = new Map([
    ...Array.from(saved?.files ?? [], ([name, bytes]) => [`model/${name}`, bytes] as const),
    recordFile(endRecord(record, result)),
  ])
  await whenThereIsRoom(() => writeFilesAtomic(folder, written, files), waiting)
  return { ...resultOf(folder, record, result), meaning: training.meaning }
}

/** Saves what a diverged run was at its last good checkpoint; returns the error that explains the rest. */
async function endDiverged(
  error: StepDivergedError,
  store: Checkpoints,
  ready: ReadyRun,
  { signal, onlyComplete }: TrainRunOptions,
  environment: RunEnvironment,
): Promise<StepDivergedError> {
  const { training, record } = ready
  const waiting = waitingForRoom(signal, environment)
  let good: TrainingState | undefined
  for await (const state of store.intact(originOf(training, record.id), () => undefined)) {
    const session = openSession(training)
    try {
      const nothing = { listeners: [], signal: AbortSignal.abort('diverged'), from: state }
      const trained = await runTraining(session, training, nothing)
      if (!(await hasFiniteLoss(session, training))) continue
      await saveResult(session, trained, ready, !onlyComplete, waiting, environment)
    } finally {
      session.dispose()
    }
    good = state
    break
  }
  const last = {
    state: good ?? (await beginningOf(ready, training)),
    checkpoint: good && store.pathOf({ epoch: good.epoch, step: good.sums.steps }),
    isSaved: !onlyComplete,
  }
  return explainDivergence(error, training, last, environment.cwd)
}

/** False for weights that are finite, but so large that the loss is not. */
async function hasFiniteLoss(session: Session, { data, experiment }: Training): Promise<boolean> {
  const sums = await evaluateRows(session, data.validation ?? data.train, experiment.spec.fit.batch_size)
  return Number.isFinite(sums.loss)
}

type RunResult = Trained & {
  readonly test: MetricValues | undefined
  readonly threads: number
  readonly native: string
  readonly sha256: string
}

function endRecord(
  record: RunRecord,
  { epochs, steps, seconds, stopped, metricValues, test, threads, native, sha256 }: RunResult,
): RunRecord {
  return {
    ...record,
    threads,
    native,
    state: stopped === 'interrupted' || stopped === 'diverged' ? stopped : 'completed',
    ended: new Date().toISOString(),
    epochs,
    steps,
    seconds,
    stopped,
    metrics: metricValues,
    ...(test && { test }),
    weights_sha256: sha256,
  }
}

function resultOf(
  run: string,
  { engine, arithmetic, seed }: RunRecord,
  { metricValues, sha256, ...result }: RunResult,
): Omit<TrainedRun, 'meaning' | 'findings'> {
  return { run, engine, arithmetic, seed, ...result, metrics: metricValues, weightsSha256: sha256 }
}

/** The error with the last checkpoint and how to resume from it. */
async function withLastCheckpoint(
  error: WriteError | LostRankError,
  store: Checkpoints,
  resumeWith: string,
): Promise<RunError> {
  const [last] = await store.list()
  const steps = last !== undefined && last.step > 0 ? ` and ${counted(last.step, 'step')}` : ''
  const left =
    last === undefined
      ? 'there is no checkpoint yet'
      : `the last checkpoint is from after epoch ${last.epoch}${steps}`
  return new RunError(`${error.message}; ${left}`, {
    hint: `${(error instanceof WriteError && error.remedy) || 'resume'} with: ${resumeWith}`,
    cause: error,
  })
}
