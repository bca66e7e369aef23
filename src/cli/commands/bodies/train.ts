import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'

import { namedFiles } from '../../../data/prepare/named-files.ts'
import { ExitCode, RunError, UsageError } from '../../../errors.ts'
import { CheckpointListener } from '../../../run/checkpoint-listener.ts'
import { createEventsJsonl } from '../../../run/events-jsonl.ts'
import { createHistoryCsv } from '../../../run/history-csv.ts'
import { countParameters } from '../../../model/build.ts'
import { counted, duration, figures as show } from '../../../report/text/format.ts'
import { makeRule } from '../../../report/text/make-rule.ts'
import { progressBars, progressLines } from '../../../report/text/progress.ts'
import { WriteError, writeFileAtomic } from '../../../run/atomic.ts'
import { readRun, stateOf } from '../../../run/catalog.ts'
import type { StoredRun } from '../../../run/catalog.ts'
import { Checkpoints } from '../../../run/checkpoints.ts'
import { createRunFolder, linkLatest } from '../../../run/folder.ts'
import { lockRun } from '../../../run/lock.ts'
import { LogFile } from '../../../run/log-file.ts'
import { saveModel, weightsSha256 } from '../../../run/model-files.ts'
import { writeRecord } from '../../../run/record.ts'
import type { RunRecord } from '../../../run/record.ts'
import { whenThereIsRoom } from '../../../run/room.ts'
import { parseDuration } from '../../../spec/schema/duration.ts'
import { StepDivergedError } from '../../../train/divergence.ts'
import { evaluateRows } from '../../../train/evaluate.ts'
import { metricValuesOf } from '../../../train/metric-values.ts'
import type { Listener } from '../../../components/callbacks/listener.ts'
import type { MetricValues } from '../../../components/metrics/metric.ts'
import type { Trained } from '../../../train/loop.ts'
import type { TrainingState } from '../../../train/training-state.ts'
import { version } from '../../../version.ts'
import { explainDivergence } from '../../../experiment/diverged.ts'
import { DEFAULT_CONFIG } from '../../../experiment/default-config.ts'
import type { EngineFlags } from '../../../experiment/engine.ts'
import { dataFolderOf, readExperiment } from '../../../experiment/experiment.ts'
import type { Io, Signal } from '../../io.ts'
import { resumeRun } from '../../../experiment/resume.ts'
import { openSession, originOf, prepareTraining, runTraining } from '../../../experiment/training.ts'
import type { Training } from '../../../experiment/training.ts'

export type TrainOptions = EngineFlags & {
  readonly config: string | undefined
  readonly set: readonly string[]
  readonly runDir: string | undefined
  /** The run to go on with; empty for the last one of the config. */
  readonly resume: string | undefined
  /** Goes on with the run in `runDir` where config and data are the same, else replaces it; saves no model before it is over. */
  readonly update: boolean
  readonly deps: boolean
  readonly json: boolean
  readonly quiet: boolean
}

/** A run whose folder is this process's own, ready to be trained. */
type Ready = {
  readonly folder: string
  readonly record: RunRecord
  readonly training: Training
  readonly from: TrainingState | undefined
  readonly unlock: () => Promise<void>
}

/** Trains the network of a config and saves it in a run folder. */
export async function train(options: TrainOptions, io: Io): Promise<number> {
  const say = (text: string): void => void (options.quiet || io.stderr.write(text))
  if (options.deps) return printDependencies(options, io)
  const ready = await makeReady(options, io, say)
  try {
    await describeRun(ready, io)
    if (options.runDir === undefined && options.resume === undefined) await linkLatest(ready.folder)
    return await carryOut(ready, options, io, say)
  } finally {
    await ready.unlock()
  }
}

/** A new run, or one to go on with. */
async function makeReady(options: TrainOptions, io: Io, say: (text: string) => void): Promise<Ready> {
  const { config, resume, runDir } = options
  if (resume !== undefined) return resumeRun({ ...options, resume }, io, (text) => void io.stderr.write(text))
  const there = runDir === undefined ? undefined : await readRun(resolve(io.cwd, runDir))
  if (options.update && runDir === undefined)
    throw new UsageError('--update goes with --run-dir', { hint: 'name the folder of the run' })
  if (runDir === undefined || there === undefined) return startRun(options, io, say)
  if (!options.update) {
    // Where its process is alive, that is what to say.
    const unlock = await lockRun(there.folder, process)
    await unlock()
    throw await holdsRun(runDir, there)
  }
  try {
    const same = { ...options, config: config ?? DEFAULT_CONFIG, resume: runDir, exact: true }
    return await resumeRun(same, io, say)
  } catch (error) {
    if (!(error instanceof RunError)) throw error
    const ready = await startRun(options, io, say)
    say(`${runDir} is trained anew: ${error.message}\n`)
    return ready
  }
}

async function holdsRun(name: string, run: StoredRun): Promise<RunError> {
  const state = await stateOf(run, process)
  const { history } = run
  return new RunError(`${name} holds a run already: ${state}, ${counted(history.epochs.length, 'epoch')}`, {
    hint: `\`nnlab train --resume ${name}\` goes on with it; --update replaces it where config or data have changed`,
  })
}

/** The model of a run depends on the config, the files that it extends and its data. */
async function printDependencies(options: TrainOptions, io: Io): Promise<number> {
  const experiment = readExperiment(options.config ?? DEFAULT_CONFIG, options.set, io, true)
  const { document, spec } = experiment
  const configs = [...document.sources.keys()].filter(isAbsolute)
  const data = await namedFiles(spec.data, dataFolderOf(experiment, io))
  const target = join(options.runDir ?? join('runs', spec.name, 'latest'), 'model', 'model.json')
  io.stdout.write(makeRule(target, [...configs, ...data], io.cwd))
  return ExitCode.done
}

async function startRun(options: TrainOptions, io: Io, say: (text: string) => void): Promise<Ready> {
  const experiment = readExperiment(options.config ?? DEFAULT_CONFIG, options.set, io, options.quiet)
  const training = await prepareTraining(experiment, dataFolderOf(experiment, io), options, io)
  for (const note of training.data.notes) say(`note: ${note}\n`)
  say(`${heading(training)}\n`)
  const folder = await createRunFolder(io.cwd, experiment.spec.name, options.runDir)
  const unlock = await lockRun(folder, process)
  try {
    const there = await readRun(folder)
    if (there !== undefined && !options.update) throw await holdsRun(relative(io.cwd, folder) || '.', there)
    const record = startRecord(training)
    if (options.runDir !== undefined) await new Checkpoints(folder, record.id, io.files).clear()
    return { folder, record, training, from: undefined, unlock }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** Writes down what is about to be trained; the record comes last: with it, the folder is a run. */
async function describeRun({ folder, record, training, from }: Ready, io: Io): Promise<void> {
  const { document, spec } = training.experiment
  const config = document.file
  await Promise.all([
    ...(config === join(folder, 'spec.json')
      ? []
      : [writeFileAtomic(join(folder, 'config.yaml'), await readFile(config), io.files)]),
    writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(spec, null, 2)}\n`, io.files),
  ])
  const { ended: _ended, ...begun } = record
  await writeRecord(folder, from === undefined ? record : { ...begun, state: 'running' }, io.files)
}

async function carryOut(
  { folder, record, training, from }: Ready,
  options: TrainOptions,
  io: Io,
  say: (text: string) => void,
): Promise<number> {
  const { experiment, task, data } = training
  const { spec, graph } = experiment
  const shownFolder = relative(io.cwd, folder) || '.'
  const shown = progress(options.quiet, io)
  const note = (text: string): void => shown.say(`note: ${text}\n`)

  const interrupt = new AbortController()
  let signal: Signal | undefined
  const unwatch = io.onSignal((received) => {
    signal = received
    interrupt.abort('interrupted')
  })
  const budget = timeBudget(spec.fit.train_time_budget)
  const waiting = {
    signal: interrupt.signal,
    tell: (failure: Error) => note(`${failure.message}; it is tried again until there is room, or Ctrl-C`),
  }
  const logs = {
    history: new LogFile(join(folder, 'history.csv'), io.files),
    events: new LogFile(join(folder, 'events.jsonl'), io.files),
  }
  const store = new Checkpoints(folder, record.id, io.files)
  if (from !== undefined && spec.checkpoint.best > 0) await store.recall(originOf(training, record.id))
  const session = openSession(training)
  try {
    const trained = await runTraining(session, training, {
      listeners: [
        createHistoryCsv(logs.history),
        createEventsJsonl(logs.events),
        ...shown.listeners,
        new CheckpointListener({ spec: spec.checkpoint, store, logs: Object.values(logs), waiting, note }),
      ],
      signal: AbortSignal.any([interrupt.signal, budget.signal]),
      from,
    })
    const test =
      data.test && metricValuesOf(task, await evaluateRows(session, data.test, spec.fit.batch_size))
    const weights = await session.weights()
    const saved = { spec, graph, weights, preprocessing: data.preprocessing }
    // To make, a model is one that is done.
    const unsupported =
      options.update && trained.stopped === 'interrupted'
        ? []
        : await whenThereIsRoom(() => saveModel(join(folder, 'model'), saved, io.files), waiting)
    for (const what of unsupported)
      say(`note: plain TensorFlow.js lacks ${what}: the model loads in nnlab only\n`)
    const sha256 = weightsSha256(graph, weights)
    record.threads = session.threads
    for (const log of Object.values(logs)) await whenThereIsRoom(() => log.close(), waiting)
    const ended = endRecord(record, trained, test, sha256)
    await whenThereIsRoom(() => writeRecord(folder, ended, io.files), waiting)
    if (options.json) {
      const { metrics, test: measured, ...result } = resultOf(shownFolder, record, trained, test, sha256)
      io.stdout.write(`${JSON.stringify({ ...result, metrics, ...(measured && { test: measured }) })}\n`)
    } else {
      io.stdout.write(renderResult(shownFolder, trained, test))
    }
    if (trained.stopped !== 'interrupted') return ExitCode.done
    return signal === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted
  } catch (error) {
    const state = error instanceof StepDivergedError ? 'diverged' : 'failed'
    const failed = { ...record, state, ended: new Date().toISOString() } satisfies RunRecord
    // What failed says more than that this could not be written either.
    await writeRecord(folder, failed, io.files).catch(() => undefined)
    if (error instanceof StepDivergedError)
      throw await explainDivergence(error, training, store, record.id, io)
    if (error instanceof WriteError) throw await withLastCheckpoint(error, store, shownFolder)
    throw error
  } finally {
    budget.cancel()
    unwatch()
    session.dispose()
    data.close()
  }
}

/** The failure, with what is left of the run and how to go on. */
async function withLastCheckpoint(error: WriteError, store: Checkpoints, name: string): Promise<RunError> {
  const [last] = await store.list()
  const steps = last !== undefined && last.step > 0 ? ` and ${counted(last.step, 'step')}` : ''
  const left =
    last === undefined
      ? 'there is no checkpoint yet'
      : `the last checkpoint is from after epoch ${last.epoch}${steps}`
  return new RunError(`${error.message}; ${left}`, {
    hint: `make room, then go on with: nnlab train --resume ${name}`,
    cause: error,
  })
}

/** A signal that is aborted when the time is over. */
function timeBudget(text: string | undefined): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController()
  if (text === undefined) return { signal: controller.signal, cancel: () => undefined }
  const end = (): void => controller.abort(`train_time_budget: ${text} are over`)
  // Longer waits than a timer can have are no limit.
  const timer = setTimeout(end, Math.min(1000 * parseDuration(text), 2 ** 31 - 1))
  return { signal: controller.signal, cancel: () => clearTimeout(timer) }
}

function progress(quiet: boolean, { stderr }: Io): { listeners: Listener[]; say: (text: string) => void } {
  const say = (text: string): void => void stderr.write(text)
  if (quiet) return { listeners: [], say }
  if (!stderr.isTTY) return { listeners: [progressLines(say)], say }
  const bars = progressBars(stderr)
  return { listeners: [bars], say: bars.say }
}

function heading({ experiment: { spec, graph }, data, engine }: Training): string {
  const { trainable, fixed } = countParameters(graph)
  const parts = [
    counted(data.train.rows, 'row'),
    ...(data.validation ? [`${counted(data.validation.rows, 'row')} for validation`] : []),
    ...(data.test ? [`${counted(data.test.rows, 'row')} for the test`] : []),
  ]
  return `${spec.name}: ${parts.join(', ')}; ${counted(trainable + fixed, 'parameter')}; ${engine.description}`
}

function startRecord({ experiment: { document, spec }, data, engine, dataFolder }: Training): RunRecord {
  return {
    id: randomUUID(),
    nnlab: version,
    node: process.version,
    config: document.file,
    data_folder: dataFolder,
    state: 'running',
    started: new Date().toISOString(),
    engine: engine.name,
    arithmetic: engine.arithmetic,
    seed: spec.seed,
    data: {
      sha256: data.fingerprint,
      rows: {
        train: data.train.rows,
        validation: data.validation?.rows ?? 0,
        test: data.test?.rows ?? 0,
      },
    },
  }
}

function endRecord(
  record: RunRecord,
  trained: Trained,
  test: MetricValues | undefined,
  sha256: string,
): RunRecord {
  const { epochs, steps, seconds, stopped, metricValues } = trained
  return {
    ...record,
    state: stopped === 'interrupted' ? 'interrupted' : 'completed',
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

/** The document of `train --json`. */
function resultOf(
  run: string,
  { engine, arithmetic, threads, seed }: RunRecord,
  { epochs, steps, seconds, stopped, metricValues }: Trained,
  test: MetricValues | undefined,
  weights_sha256: string,
) {
  return {
    run,
    engine,
    arithmetic,
    threads,
    seed,
    epochs,
    steps,
    seconds,
    stopped,
    metrics: metricValues,
    test,
    weights_sha256,
  }
}

function renderResult(run: string, trained: Trained, test: MetricValues | undefined): string {
  const { epochs, epoch, seconds, stopped, metricValues } = trained
  const why = stopped === 'completed' ? '' : ` (${stopped})`
  const whose = epoch === epochs - 1 ? '' : `, weights of epoch ${epoch + 1}`
  return [
    `trained ${counted(epochs, 'epoch')} in ${duration(seconds)}${why}${whose}`,
    ...(epochs === 0 ? [] : [`  ${show(metricValues)}`]),
    ...(test === undefined ? [] : [`test  ${show(test)}`]),
    `saved in ${run}`,
    ...(stopped === 'interrupted' ? [`go on with: nnlab train --resume ${run}`] : []),
    '',
  ].join('\n')
}
