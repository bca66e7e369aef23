import { ConfigError, errorAt } from '../diagnostic.ts'
import { slotKey, slotsOf } from '../step/update.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Task } from '../step/task.ts'
import { hasSlots } from '../step/unfrozen.ts'
import { prepareData } from '../data/prepare/prepare.ts'
import type { PreparedData } from '../data/prepare/prepare.ts'
import type { Engine, Session } from '../engine/engine.ts'
import type { Ranks } from '../engine/ranks.ts'
import { createBestWeights } from '../train/best-weights.ts'
import { TrainingProbe } from '../train/probe.ts'
import type { TrainingSettings } from '../components/callbacks/callback.ts'
import { diagnose } from '../components/callbacks/diagnose.ts'
import type { ComponentConfig } from '../registry.ts'
import { sha256 } from '../sha256.ts'
import { callbacks } from '../components/callbacks/index.ts'
import type { Listener } from '../components/callbacks/listener.ts'
import type { Log } from '../components/callbacks/log.ts'
import { isSized } from './build-experiment.ts'
import type { Experiment, SizedExperiment } from './build-experiment.ts'
import { startOf } from './experiment.ts'
import { requireMemory } from './memory.ts'
import { initialWeights } from '../model/weights.ts'
import type { Weights } from '../model/weights.ts'
import type { CheckpointOrigin } from '../run/checkpoint.ts'
import { train } from '../train/loop.ts'
import type { Trained, TrainingControl } from '../train/loop.ts'
import { rowWeights } from '../train/row-weights.ts'
import type { TrainingState } from '../train/training-state.ts'
import { warnOfRows } from './data-warnings.ts'
import { openEngineFor } from './engine.ts'
import type { EngineOptions } from './engine.ts'
import type { Environment } from './environment.ts'
import { sizedExperiment } from './sized.ts'
import { metricMeaning } from './metric-meaning.ts'
import type { MetricMeaning } from './metric-meaning.ts'
import { fittedPositives, withPositives } from './positives.ts'
import { portsOf, stepsOfEpoch, taskOf } from './task.ts'
import { directionsOf } from '../spec/schema/per-output.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { wholeDraft } from '../spec/check/draft.ts'
import { followed } from '../model/rules/monitors.ts'
import { DataError } from '../errors.ts'

/** An experiment with its data and engine, ready to be trained. */
export type Training = {
  readonly experiment: SizedExperiment
  /** The folder that the paths in the data section start from. */
  readonly dataFolder: string
  readonly task: Task
  /** The weights that training begins with, of the parameters that have some by then. */
  readonly start: Weights
  /** The fingerprint covers files of word vectors, too; `rowsFingerprint` is that of the rows alone. */
  readonly data: PreparedData & { readonly rowsFingerprint: string }
  readonly engine: Engine
  /** The processes that train it together. */
  readonly ranks: Ranks | undefined
  readonly meaning: MetricMeaning
}

export type PrepareTrainingOptions = EngineOptions & {
  /** Reports likely mistakes in the data. */
  readonly warnsOfData?: boolean
}

/** Reads the data of an experiment and opens its engine. */
export async function prepareTraining(
  experiment: Experiment,
  dataFolder: string,
  options: PrepareTrainingOptions,
  environment: Environment,
): Promise<Training> {
  requireParts(experiment, options.ranks)
  const { data, sized } = await prepareSized(experiment, dataFolder, options, environment)
  const { spec } = sized
  const { outputs } = data.preprocessing
  const task = taskOf(sized, outputs, stepsOfEpoch(spec.fit, data.train.rows))
  try {
    requireValidation(spec, data)
    const { start, fingerprint } = await beginningWeights(sized, data, dataFolder, environment)
    const engine = await openEngineFor(options, spec.fit, environment)
    requirePartsOf(engine, sized)
    const planned = { experiment: sized, task, engine }
    await requireMemory(planned, data.train.rows, environment.memory, options.ranks?.local)
    addWindowsNote(spec, data, options.ranks?.size)
    addTransformsNote(sized, data)
    const meaning = metricMeaning(task, outputs, spec.data)
    data.notes.push(...meaning.notes)
    const fixed = { ...spec, data: withPositives(spec.data, fittedPositives(outputs)) }
    return {
      experiment: { ...sized, spec: fixed },
      dataFolder,
      task,
      start,
      data: { ...data, fingerprint, rowsFingerprint: data.fingerprint },
      engine,
      ranks: options.ranks,
      meaning,
    }
  } catch (error) {
    data.close()
    throw error
  }
}

function addWindowsNote({ fit }: Spec, { train, notes }: PreparedData, ranks = 1): void {
  const windows = Math.ceil(train.rows / ranks / train.windowRows)
  if (windows > 1 && fit.shuffle === true) {
    notes.push(
      `data.memory has room for one of ${windows} windows of the training rows, and fit.shuffle: true reads through all rows for each: {block_size: 256} is faster`,
    )
  }
}

/** Refuses a job of more ranks than there are parts of a batch. */
function requireParts(experiment: Experiment, ranks: Ranks | undefined): void {
  const { parts } = experiment.spec.fit
  if (ranks === undefined || parts >= ranks.size) return
  throw partsError(
    experiment,
    `${ranks.size} ranks share the parts of each batch, and fit.parts is ${parts}`,
    `write \`parts: ${ranks.size}\`, or a multiple of it, in the section fit`,
  )
}

/** Refuses parts of batches on an engine that has none. */
function requirePartsOf({ name }: Engine, experiment: Experiment): void {
  if (name === 'compiled' || experiment.spec.fit.parts === 1) return
  const message = `the ${name} engine does not compute batches in parts`
  throw partsError(experiment, message, 'set fit.parts to 1, or use the compiled engine')
}

function partsError({ document }: Experiment, message: string, hint: string): ConfigError {
  return new ConfigError(
    [document.locate(errorAt('parts', ['fit', 'parts'], message, hint))],
    document.sources,
  )
}

/** The weights that come from another model and from files of vectors; the latter are data, which the fingerprint covers. */
async function beginningWeights(
  { document, graph, spec }: SizedExperiment,
  { preprocessing, notes, fingerprint }: PreparedData,
  directory: string,
  { stdin }: Environment,
): Promise<{ start: Weights; fingerprint: string }> {
  const start = await startOf(document, graph, spec.model)
  const { wordVectors } = await import('./word-vectors.ts')
  const vectors = await wordVectors(graph, preprocessing, start, { directory, stdin })
  if (vectors === undefined) return { start, fingerprint }
  notes.push(...vectors.notes)
  return {
    start: new Map([...start, ...vectors.weights]),
    fingerprint: sha256(fingerprint + vectors.fingerprint),
  }
}

/** A note where rows are encoded in another way than those of the model that training starts from. */
function addTransformsNote(
  { spec, document: { base } }: SizedExperiment,
  { preprocessing, notes }: PreparedData,
): void {
  if (base === undefined || spec.model.keep_transforms === true) return
  const { inputs } = base.model.preprocessing
  const isFitted = inputs.some(({ features }) =>
    features.some((feature) => feature.kind !== 'array' || feature.scalings.length > 0),
  )
  if (isFitted && JSON.stringify(inputs) !== JSON.stringify(preprocessing.inputs))
    notes.push(
      'the transforms are fitted to these rows and differ from those of the model that training starts from: model.keep_transforms: true keeps those',
    )
}

/** Reads the data of an experiment, and completes it with the sizes that the data tells. */
async function prepareSized(
  experiment: Experiment,
  directory: string,
  { warnsOfData = false, ranks }: PrepareTrainingOptions,
  { stdin, datasets, rows, onWarnings }: Environment,
): Promise<{ data: PreparedData; sized: SizedExperiment }> {
  let sized: SizedExperiment | undefined
  const { spec, document } = experiment
  const data = await prepareData(spec.data, {
    directory,
    stdin,
    datasets,
    shared: rows,
    job: ranks,
    seed: spec.seed,
    fittedInputs: spec.model.keep_transforms === true ? document.base?.model.preprocessing.inputs : undefined,
    portsFor(read) {
      sized = sizedExperiment(experiment, read)
      if (!isSized(experiment)) onWarnings(sized.warnings, document.sources)
      return portsOf(taskOf(sized))
    },
    async onPrepared(read, prepared) {
      if (warnsOfData && sized) await warnOfRows(read, prepared, sized, onWarnings)
    },
  })
  if (sized === undefined) throw new Error('the data was prepared for no model')
  return { data, sized }
}

/** Throws where a metric of validation rows is followed and the data brought none: only reading it could tell. */
function requireValidation({ fit, checkpoint }: Spec, { validation }: PreparedData): void {
  if (validation !== undefined) return
  const callbacks = fit.callbacks.map(wholeDraft)
  const [first] = followed({ fit: { callbacks }, checkpoint }).filter(({ monitor }) =>
    monitor.startsWith('val_'),
  )
  if (first === undefined) return
  throw new DataError(`${first.who} follows ${first.monitor}, but the data has no validation rows`, {
    hint: `set data.split.validation, as in \`split: {validation: 0.2}\`, or follow ${first.monitor.slice(4)}`,
  })
}

export function openSession({ engine, task, start, ranks }: Training): Session {
  return engine.open(task, new Map([...initialWeights(task.graph, task.seed), ...start]), ranks)
}

export type Course = {
  readonly listeners: readonly Listener<TrainingControl>[]
  readonly signal: AbortSignal
  readonly from?: TrainingState | undefined
  /** Looks into the layers also where the config has no callback that does. */
  readonly diagnoses?: boolean
  /** The run that is written; default: none. */
  readonly run?: TrainingSettings['run']
  /** The epochs that were logged before, with their metric values; default: none. */
  readonly past?: TrainingSettings['past']
  /** A log of a callback; what callbacks log is lost where there is none. */
  readonly log?: (name: string) => Log
}

const lost: Log = { open: () => undefined, bytes: 0, write: () => undefined }

/** Trains a session as the config says; the listeners come after its callbacks. */
export async function runTraining(
  session: Session,
  { experiment: { document, spec }, task, data, engine, ranks }: Training,
  {
    listeners,
    signal,
    from,
    run,
    diagnoses = false,
    past = () => Promise.resolve([]),
    log = () => lost,
  }: Course,
): Promise<Trained> {
  // A data set that does not fit is refused before the first step, not after the last.
  const splits = ranks ? [data.train] : [data.train, data.validation, data.test]
  for (const split of splits) if (split?.whole) session.load(split.whole)
  const rate = spec.compile.optimizer['learning_rate']
  const directions = directionsOf(spec.compile, task.graph.outputs)
  const initialRate = typeof rate === 'number' ? rate : 1
  const config = document.sources.get(document.file) ?? ''
  const { train: rows } = data
  const batches = {
    task,
    train: rows,
    batchSize: spec.fit.batch_size,
    shuffle: spec.fit.shuffle,
    rowWeights: await rowWeights(rows, data.preprocessing.outputs, spec.fit.class_weight, task),
  }
  const probe = new TrainingProbe({ ...batches, engine, session })
  const settings = { initialRate, directions, config, log, probe, past, run }
  const named = withDiagnosis(spec.fit.callbacks, diagnoses).map((callback, i) => ({
    ...callbacks.of(callback).listener(callback, settings),
    name: `callbacks[${i}]`,
  }))
  const trained = train(session, {
    ...batches,
    validation: data.validation,
    epochs: spec.fit.epochs,
    stepsPerEpoch: spec.fit.steps_per_epoch,
    changesRate:
      typeof rate !== 'number' ||
      spec.fit.callbacks.some((callback) => callbacks.of(callback).setsLearningRate?.(callback) === true),
    listeners: [
      ...named,
      ...(spec.checkpoint.save === 'best' ? [createBestWeights(spec.checkpoint, directions)] : []),
      ...listeners,
    ],
    signal,
    ranks,
    from,
  })
  return trained.finally(() => probe.dispose())
}

/** The callbacks of a config, with one that looks into the layers on demand. */
function withDiagnosis(
  configured: readonly ComponentConfig[],
  isWanted: boolean,
): readonly ComponentConfig[] {
  if (!isWanted || configured.some(({ type }) => type === diagnose.type)) return configured
  return [...configured, callbacks.ref().parse(diagnose.type)]
}

/** Run and shapes of the checkpoints of this training. */
export function originOf({ task }: Pick<Training, 'task'>, run: string): CheckpointOrigin {
  const slots = slotsOf(task.optimizer)
  const parameters = task.graph.nodes.flatMap((node) =>
    node.parameters.map((parameter) => ({ node, parameter, size: sizeOf(parameter.shape) })),
  )
  return {
    run,
    sizes: new Map(parameters.map(({ parameter, size }) => [parameter.id, size])),
    slots: new Map(
      parameters.flatMap(({ node, parameter, size }) =>
        hasSlots(task, node, parameter)
          ? slots.map(({ name }) => [slotKey(parameter.id, name), size] as const)
          : [],
      ),
    ),
  }
}
