import { realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { RunError, UsageError } from '../errors.ts'
import type { NameOption } from '../errors.ts'
import { BASE_MODEL } from '../run/base.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { hasTrained } from '../run/catalog.ts'
import { notARun } from '../run/not-a-run.ts'
import { latestRunIn } from '../run/folder.ts'
import { requireFree } from '../run/foreign.ts'
import { lockRun } from '../run/lock.ts'
import { requireLength } from '../run/log-file.ts'
import { LOGS } from '../run/logs.ts'
import { readRecord } from '../run/record.ts'
import { withSizesOf } from '../model/sizes.ts'
import { NUMERICS } from '../run/versions.ts'
import { changesThePast, changeLines, specChanges } from '../run/spec-changes.ts'
import type { SpecChange } from '../run/spec-changes.ts'
import { runName } from '../run/run-name.ts'
import type { KeptModel } from './base-model.ts'
import { loadExperiment } from './build-experiment.ts'
import type { Experiment } from './build-experiment.ts'
import type { ConfigDocument } from '../spec/document/document.ts'
import { parseSpec } from '../spec/load.ts'
import type { Spec } from '../spec/schema/spec.ts'
import type { TrainingState } from '../train/training-state.ts'
import { DEFAULT_CONFIG } from './default-config.ts'
import type { EngineOptions } from './engine.ts'
import { placesOfRun } from './environment.ts'
import type { Environment, RunEnvironment } from './environment.ts'
import { dataFolderOf, readConfig, readDocument, savedDocument, savedExperiment } from './experiment.ts'
import type { Config } from './experiment.ts'
import { beginningOf } from './fork.ts'
import { startRun } from './new-run.ts'
import type { ReadyRun, SavedRun } from './ready-run.ts'
import { positivesOf, withPositives } from './positives.ts'
import { originOf, prepareTraining } from './training.ts'
import type { Training } from './training.ts'

/** Opens a run folder, or throws a RunError that says what is missing. */
export async function openRun(path: string, cwd: string): Promise<SavedRun> {
  const named = resolve(cwd, path)
  const folder = await realpath(named).catch(() => named)
  const found = await stat(folder).catch(() => undefined)
  if (found?.isFile()) {
    throw new UsageError(`${path} is a file, not the folder of a run`, {
      hint: 'name the config first, as in `nnlab train config.yaml --resume`',
    })
  }
  const record = await readRecord(folder)
  if (record === undefined) throw notARun(path, folder)
  return { folder, record }
}

/** Prepares the training of a run with the engine it has used, on the data it has used. */
export async function prepareAgain(
  { folder, record }: SavedRun,
  experiment: Experiment,
  dataFolder: string,
  options: EngineOptions,
  environment: Environment,
): Promise<Training> {
  const { fit } = experiment.spec
  const arithmetic = record.engine === 'compiled' ? record.arithmetic : fit.arithmetic
  const wanted = options.engine ?? (options.backend === undefined ? fit.engine : 'tfjs')
  const differs =
    (wanted !== 'auto' && wanted !== record.engine) ||
    (options.backend !== undefined && options.backend !== record.arithmetic) ||
    (fit.arithmetic !== 'auto' && fit.arithmetic !== arithmetic)
  const name = runName(folder, environment.cwd)
  requireNumerics(name, record)
  if (record.base_model !== undefined && experiment.document.base === undefined)
    throw new RunError(`${join(name, BASE_MODEL)} is missing: ${name} started from the model in it`)
  if (differs) {
    throw new RunError(`${name} was trained by the ${record.engine} engine (${record.arithmetic})`, {
      hint: (option) =>
        `another engine or arithmetic would give different bits: leave ${option('engine')}, ${option('backend')} and fit.arithmetic out, or ${forkHint(name)(option)}`,
    })
  }
  const training = await prepareTraining(
    { ...experiment, spec: { ...experiment.spec, fit: { ...fit, arithmetic: arithmeticOf(arithmetic) } } },
    dataFolder,
    record.engine === 'tfjs'
      ? { engine: 'tfjs', backend: backendOf(record.arithmetic) }
      : { engine: 'compiled', threads: options.threads, members: options.members, ranks: options.ranks },
    { ...environment, datasets: placesOfRun(environment.datasets, record.datasets_folder) },
  )
  if (training.data.fingerprint !== record.data.sha256) {
    throw new RunError(`the data has changed since ${name} was trained`, {
      hint: (option) => `restore the old data, or ${forkHint(name)(option)}`,
    })
  }
  const { experiment: prepared } = training
  return { ...training, experiment: { ...prepared, spec: { ...prepared.spec, fit } } }
}

function forkHint(name: string): (option: NameOption) => string {
  return (option) =>
    `start a new run from its last checkpoint, with ${option('fork')} ${name} in place of ${option('resume')}`
}

function arithmeticOf(text: string): Spec['fit']['arithmetic'] {
  return text === 'fma' || text === 'mul_add' ? text : 'auto'
}

function backendOf(text: string): EngineOptions['backend'] {
  return text === 'tensorflow' || text === 'wasm' || text === 'cpu' ? text : undefined
}

export type ResumeOptions = EngineOptions & {
  /** The config, where one was named. */
  readonly config?: Config | undefined
  readonly set?: readonly string[] | undefined
  /** The folder of the run, or true for the latest run of the config. */
  readonly resume: string | true
  /** Refuses every change of the config, not only those of the past. */
  readonly exact?: boolean
  readonly onResume?: ((event: ResumeEvent) => void) | undefined
}

/** An event on the way to the state from which a run is resumed. */
export type ResumeEvent =
  /** The config is not that of the run. */
  | { readonly kind: 'changed'; readonly run: string; readonly changes: readonly SpecChange[] }
  /** A checkpoint cannot be used. */
  | { readonly kind: 'damaged'; readonly run: string; readonly error: RunError }
  /** Training continues after some whole epochs, and some steps of the next. */
  | { readonly kind: 'resumed'; readonly run: string; readonly epoch: number; readonly step: number }

/** Locks a run and finds the state to continue from. */
export async function resumeRun(options: ResumeOptions, environment: RunEnvironment): Promise<ReadyRun> {
  const { cwd } = environment
  const { given, run } = await namedRun(options, cwd)
  const name = runName(run.folder, cwd)
  if (!options.exact && !(await hasTrained(run))) {
    const { config = given && DEFAULT_CONFIG } = options
    const ready = await startRun({ ...options, config, runDir: run.folder }, environment, {
      document: await savedDocument(run.folder),
      dataFolder: run.record.data_folder,
      datasetsFolder: run.record.datasets_folder,
    })
    options.onResume?.({ kind: 'resumed', run: run.folder, epoch: 0, step: 0 })
    return ready
  }
  const unlock = await lockRun(run.folder, environment.process)
  try {
    await requireFree(run.folder, run.record.id)
    const experiment = given ?? (await savedExperiment(run, options.set ?? []))
    await checkChanges(run, name, experiment, options)
    const dataFolder = given === undefined ? run.record.data_folder : dataFolderOf(experiment, cwd)
    const training = await prepareAgain(run, experiment, dataFolder, options, environment)
    const from = await lastState(run, name, training, options, environment)
    return { ...run, training, resumed: true, from, unlock }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** Refuses a run that would continue with other bits than it began with. */
function requireNumerics(name: string, { nnlab, numerics }: SavedRun['record']): void {
  if (numerics === NUMERICS) return
  throw new RunError(
    `${name} was trained by nnlab ${nnlab} with numerics ${numerics}, this one has ${NUMERICS}: it would continue with different bits`,
    { hint: (option) => `resume it with that version, or ${forkHint(name)(option)}` },
  )
}

/** The run to resume, and the experiment of the config where one was named. */
async function namedRun(
  { config, set = [], resume }: ResumeOptions,
  cwd: string,
): Promise<{ given: Experiment | undefined; run: SavedRun }> {
  const named = config ?? (resume === true ? DEFAULT_CONFIG : undefined)
  const path =
    resume === true ? await latestPath(readDocument(named ?? DEFAULT_CONFIG, set, cwd), cwd) : resume
  // What is wrong with a config matters more than that it has no run.
  const found = await openRun(path, cwd).catch(() => undefined)
  const kept = found && keptBase(found)
  const given = named === undefined ? undefined : loadExperiment(await readConfig(named, set, cwd, kept))
  const run = found ?? (await openRun(path, cwd))
  requireSameBase(run, given, cwd)
  return { given, run }
}

/** The last run of a config, or where it would be. */
async function latestPath(document: ConfigDocument, cwd: string): Promise<string> {
  const runs = join('runs', nameIn(document))
  return (await latestRunIn(resolve(cwd, runs))) ?? join(runs, 'latest')
}

/** The name that a config gives its runs, whatever else is wrong with it. */
function nameIn({ data = {}, file }: ConfigDocument): string {
  return parseSpec(data, file).name
}

/** The copy that a run has of the model that it started from. */
function keptBase({ folder, record: { base_model: base } }: SavedRun): KeptModel | undefined {
  return base && { folder, ...base }
}

function requireSameBase({ folder, record }: SavedRun, given: Experiment | undefined, cwd: string): void {
  if (given === undefined || given.document.base?.sha256 === record.base_model?.sha256) return
  const name = runName(folder, cwd)
  throw new RunError(`the config starts from another model than ${name} did`, { hint: forkHint(name) })
}

/** Refuses changes of the config that would make another run of what was trained already. */
async function checkChanges(
  run: SavedRun,
  name: string,
  experiment: Experiment,
  { exact, onResume }: ResumeOptions,
): Promise<void> {
  const { spec: saved } = await savedExperiment(run, [])
  const { spec } = experiment
  // A positive class that the config leaves open is the one that the run found.
  const data = withPositives(spec.data, positivesOf(saved.data))
  const changes = specChanges(saved, { ...spec, data, model: withSizesOf(spec.model, saved.model) })
  if (exact && changes.length > 0) {
    throw new RunError(`the config differs from that of ${name}:`, { details: changeLines(changes) })
  }
  const past = changes.filter(changesThePast)
  if (past.length > 0) {
    throw new RunError(`the config would change epochs that ${name} has already trained:`, {
      details: changeLines(past),
      hint: (option) => `undo these changes, or ${forkHint(name)(option)}`,
    })
  }
  if (changes.length > 0) onResume?.({ kind: 'changed', run: run.folder, changes })
}

/** The state of the newest checkpoint that is intact; undefined where there is none yet. */
async function lastState(
  { folder, record }: SavedRun,
  name: string,
  training: Training,
  { onResume }: ResumeOptions,
  { files }: RunEnvironment,
): Promise<TrainingState | undefined> {
  const store = new Checkpoints(folder, record.id, files)
  let damaged = false
  const from = await store.newest(originOf(training, record.id), (error) => {
    damaged = true
    onResume?.({ kind: 'damaged', run: folder, error })
  })
  if (from === undefined && damaged) {
    throw new RunError(`no checkpoint of ${name} can be used`, {
      hint: (option) => `train again without ${option('resume')}; nothing of the run was changed`,
    })
  }
  for (const log of LOGS) {
    await requireLength(join(folder, log), from?.listenerStates.get(log)?.values['bytes'] ?? 0)
  }
  await store.sweep()
  const state = from ?? (await beginningOf({ folder, record }, training))
  onResume?.({ kind: 'resumed', run: folder, epoch: state?.epoch ?? 0, step: state?.sums.steps ?? 0 })
  return state
}
