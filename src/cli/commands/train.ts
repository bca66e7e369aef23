import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

import { prepareData } from '../../data/prepare.ts'
import type { PreparedData } from '../../data/prepare.ts'
import type { Engine } from '../../engine/engine.ts'
import { ExitCode } from '../../errors.ts'
import { createBestWeights } from '../../listeners/best_weights.ts'
import { createEventsJsonl } from '../../listeners/events_jsonl.ts'
import { createHistoryCsv } from '../../listeners/history_csv.ts'
import { createCallback } from '../../listeners/index.ts'
import { countParameters } from '../../model/build.ts'
import type { Experiment } from '../../model/experiment.ts'
import { outputTasks } from '../../compiler/task.ts'
import { shapeOf } from '../../model/graph.ts'
import { initialWeights } from '../../model/weights.ts'
import { counted, duration, figures as show } from '../../report/format.ts'
import { progressBars, progressLines } from '../../report/progress.ts'
import { writeFileAtomic } from '../../run/atomic.ts'
import { createRunFolder } from '../../run/folder.ts'
import { saveModel, weightsSha256 } from '../../run/model-files.ts'
import { writeRecord } from '../../run/record.ts'
import type { RunRecord } from '../../run/record.ts'
import { figuresOf } from '../../train/figures.ts'
import type { Figures } from '../../train/figures.ts'
import { train as trainSession } from '../../train/loop.ts'
import type { Listener, Trained } from '../../train/loop.ts'
import { rowWeights } from '../../train/row-weights.ts'
import { version } from '../../version.ts'
import { openEngineFor } from '../engine.ts'
import type { EngineFlags } from '../engine.ts'
import { dataFolderOf, readExperiment } from '../experiment.ts'
import type { Io, Signal } from '../io.ts'

export type TrainOptions = EngineFlags & {
  readonly config: string
  readonly set: readonly string[]
  readonly runDir: string | undefined
  readonly json: boolean
  readonly quiet: boolean
}

/** Trains the network of a config and saves it in a run folder. */
export async function train(options: TrainOptions, io: Io): Promise<number> {
  const { json, quiet } = options
  const say = (text: string): void => void (quiet || io.stderr.write(text))
  const experiment = readExperiment(options.config, options.set, io, quiet)
  const { spec, graph } = experiment
  const task = {
    graph,
    outputs: outputTasks(graph, spec.compile),
    optimizer: spec.compile.optimizer,
    seed: spec.seed,
  }
  const dataFolder = dataFolderOf(experiment)
  const data = await prepareData(spec.data, {
    directory: dataFolder,
    stdin: io.stdin,
    seed: spec.seed,
    inputs: graph.inputs,
    outputs: task.outputs.map(({ name, kind }) => ({ name, kind, shape: shapeOf(graph, name) })),
  })
  const weights = rowWeights(data.train, data.preprocessing.outputs, spec.fit.class_weight)
  const engine = await openEngineFor(options, spec.fit, task, io)
  for (const note of data.notes) say(`note: ${note}\n`)
  say(`${heading(experiment, data, engine)}\n`)

  const folder = await createRunFolder(io.cwd, spec.name, options.runDir)
  const shownFolder = relative(io.cwd, folder) || '.'
  await writeFileAtomic(join(folder, 'config.yaml'), await readFile(experiment.document.file))
  await writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(spec, null, 2)}\n`)
  const record = startRecord(experiment, data, engine, dataFolder)
  await writeRecord(folder, record)

  const abort = new AbortController()
  let signal: Signal | undefined
  const unwatch = io.onSignal((received) => {
    signal = received
    abort.abort()
  })
  const session = engine.open(task, initialWeights(graph, spec.seed))
  try {
    const trained = await trainSession(session, {
      task,
      train: data.train,
      validation: data.validation,
      batchSize: spec.fit.batch_size,
      epochs: spec.fit.epochs,
      shuffle: spec.fit.shuffle,
      weights,
      listeners: listenersOf(experiment, folder, quiet ? undefined : io),
      signal: abort.signal,
    })
    const test = data.test && figuresOf(task, await session.evaluate(data.test, spec.fit.batch_size))
    const final = await session.weights()
    const unsupported = await saveModel(join(folder, 'model'), {
      spec,
      graph,
      weights: final,
      preprocessing: data.preprocessing,
    })
    for (const what of unsupported)
      say(`note: plain TensorFlow.js lacks ${what}: the model loads in nnlab only\n`)
    const sha256 = weightsSha256(graph, final)
    record.threads = session.threads
    await writeRecord(folder, endRecord(record, trained, test, sha256))
    if (json) {
      const { metrics, test: measured, ...result } = resultOf(shownFolder, record, trained, test, sha256)
      io.stdout.write(`${JSON.stringify({ ...result, metrics, ...(measured && { test: measured }) })}\n`)
    } else {
      io.stdout.write(renderResult(shownFolder, trained, test))
    }
  } catch (error) {
    await writeRecord(folder, { ...record, state: 'failed', ended: new Date().toISOString() })
    throw error
  } finally {
    unwatch()
    session.dispose()
  }
  if (signal === undefined) return ExitCode.done
  return signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated
}

function listenersOf({ spec }: Experiment, folder: string, io: Io | undefined): Listener[] {
  const rate = spec.compile.optimizer['learning_rate']
  const initialRate = typeof rate === 'number' ? rate : 1
  return [
    createHistoryCsv(join(folder, 'history.csv')),
    createEventsJsonl(join(folder, 'events.jsonl')),
    ...(io === undefined
      ? []
      : [io.stderr.isTTY ? progressBars(io.stderr) : progressLines((text) => void io.stderr.write(text))]),
    ...spec.fit.callbacks.map((callback) => createCallback(callback, initialRate)),
    ...(spec.checkpoint.save === 'best' ? [createBestWeights(spec.checkpoint)] : []),
  ]
}

function heading({ spec, graph }: Experiment, data: PreparedData, engine: Engine): string {
  const { trainable, fixed } = countParameters(graph)
  const parts = [
    counted(data.train.rows, 'row'),
    ...(data.validation ? [`${counted(data.validation.rows, 'row')} for validation`] : []),
    ...(data.test ? [`${counted(data.test.rows, 'row')} for the test`] : []),
  ]
  return `${spec.name}: ${parts.join(', ')}; ${counted(trainable + fixed, 'parameter')}; ${engine.description}`
}

function startRecord(
  { document, spec }: Experiment,
  data: PreparedData,
  engine: Engine,
  dataFolder: string,
): RunRecord {
  return {
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
  test: Figures | undefined,
  sha256: string,
): RunRecord {
  const { epochs, steps, seconds, stopped, figures } = trained
  return {
    ...record,
    state: stopped === 'interrupted' ? 'interrupted' : 'completed',
    ended: new Date().toISOString(),
    epochs,
    steps,
    seconds,
    stopped,
    metrics: figures,
    ...(test && { test }),
    weights_sha256: sha256,
  }
}

/** The document of `train --json`. */
function resultOf(
  run: string,
  { engine, arithmetic, threads, seed }: RunRecord,
  { epochs, steps, seconds, stopped, figures }: Trained,
  test: Figures | undefined,
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
    metrics: figures,
    test,
    weights_sha256,
  }
}

function renderResult(run: string, trained: Trained, test: Figures | undefined): string {
  const { epochs, epoch, seconds, stopped, figures } = trained
  const why = stopped === 'completed' ? '' : ` (${stopped})`
  const whose = epoch === epochs - 1 ? '' : `, weights of epoch ${epoch + 1}`
  return [
    `trained ${counted(epochs, 'epoch')} in ${duration(seconds)}${why}${whose}`,
    `  ${show(figures)}`,
    ...(test === undefined ? [] : [`test  ${show(test)}`]),
    `saved in ${run}`,
    '',
  ].join('\n')
}
