import { join, resolve } from 'node:path'

import { RunError, UsageError } from '../errors.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { dataFolderOf, readExperiment, savedExperiment } from '../experiment/experiment.ts'
import type { Config } from '../experiment/experiment.ts'
import { SWEEP_IGNORED } from '../experiment/new-run.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { copyModel } from '../run/base.ts'
import { createNumberedFolder, lastNumberedFolder } from '../run/numbered-folder.ts'
import { runName } from '../run/run-name.ts'
import { noteChangedConfig } from './changed-config.ts'
import { begunRecord, writeGroupRecord } from './group-record.ts'
import { requireSlurm, workOnSlurm } from './launchers/slurm.ts'
import type { SlurmChoice } from './launchers/slurm.ts'
import { pinnedArithmetic } from './pinned-arithmetic.ts'
import { repeatedOf } from './repetition.ts'
import type { Repeated, Repetition } from './repetition.ts'
import { readRepetition } from './repetition-folder.ts'
import type { RepetitionRecord } from './repetition-folder.ts'
import { requireRows } from './required-rows.ts'
import type { Trial, TrialResult } from './trial.ts'
import { followTrials, trainTrials } from './trials.ts'
import type { TrialsOptions } from './trials.ts'

export type RepeatOptions = TrialsOptions & {
  readonly config?: Config | undefined
  readonly set?: readonly string[] | undefined
  /** Number of trials; default: 5, or those of the repetition to resume. */
  readonly count?: number | undefined
  /** Trains on the nodes of Slurm: `jobs` is the number of tasks there. Without it, 0 jobs follow workers that others start. */
  readonly slurm?: SlurmChoice | undefined
  /** A repetition to resume, by its folder, or true for the latest of the config. */
  readonly resume?: string | true | undefined
  /** Receives the folder of the repetition. */
  readonly onFolder?: ((folder: string) => void) | undefined
}

/** Trials of a new repetition. */
const DEFAULT_COUNT = 5

/** A repetition in its folder. */
type Whole = { readonly folder: string; readonly record: Omit<RepetitionRecord, 'format'> }

/** Trains every trial of a repetition; undefined where the signal ended it. */
export async function repeat(
  repetition: Repetition,
  options: RepeatOptions,
  environment: RunEnvironment,
): Promise<Repeated | undefined> {
  const { resume, signal, slurm, onFolder } = options
  if (slurm) await requireSlurm(slurm)
  const { folder, record } =
    resume === undefined
      ? await begin(repetition, options, environment)
      : await reopen(repetition, resume, options, environment)
  const write = (changes: Partial<RepetitionRecord>): Promise<void> =>
    writeGroupRecord(folder, repetition, { ...record, ...changes }, environment.files)
  onFolder?.(folder)
  try {
    await write({ state: 'running' })
    const results = await resultsOf(repetition, { folder, record }, options, environment)
    const ended = new Date().toISOString()
    if (signal.aborted) {
      await write({ state: 'interrupted', ended })
      return undefined
    }
    const meaning = results.flatMap((result) => result.meaning ?? [])[0] ?? record.meaning
    const repeated = repeatedOf(record.name, folder, results, meaning)
    const { metrics, test } = repeated
    await write({ state: 'completed', ended, meaning, metrics, ...(test && { test }) })
    return repeated
  } catch (error) {
    // The error matters more than that this could not be written either.
    await write({ state: 'failed', ended: new Date().toISOString() }).catch(() => undefined)
    throw error
  }
}

/** Trains the trials, here or elsewhere. */
async function resultsOf(
  repetition: Repetition,
  { folder, record }: Whole,
  options: RepeatOptions,
  environment: RunEnvironment,
): Promise<TrialResult[]> {
  const { slurm, jobs, signal, engine, backend } = options
  const { data_folder: dataFolder, datasets_folder: datasetsFolder, name } = record
  const trials = repetition.trials(record)
  const resume = `nnlab ${repetition.command} --resume`
  if (slurm) {
    const chosen = Object.entries({ engine, backend }).flatMap(([option, value]) =>
      value === undefined ? [] : [`--${option}`, value],
    )
    const worker = [repetition.command, '--resume', folder, '--jobs', '1', '--quiet', ...chosen]
    const tasks = Math.min(jobs, trials.length)
    let results: TrialResult[] = []
    await workOnSlurm(
      { ...slurm, folder, name, tasks, worker },
      async (isWorked) => {
        results = await followTrials(trials, folder, isWorked, options)
        return results.length === trials.length
      },
      { signal, resume },
      environment,
    )
    return results
  }
  if (jobs > 0) {
    const resumeWith = `${resume} ${runName(folder, environment.cwd)}`
    const place = { folder, dataFolder, datasetsFolder }
    return trainTrials(trials, place, { ...options, resumeWith }, environment)
  }
  environment.onNote(`waiting for workers: ${resume} ${folder}`)
  return followTrials(trials, folder, () => Promise.resolve(true), options)
}

/** Finds every mistake before anything is trained, and makes the folder. */
async function begin(
  repetition: Repetition,
  { config = DEFAULT_CONFIG, set = [], count = DEFAULT_COUNT, ...options }: RepeatOptions,
  environment: RunEnvironment,
): Promise<Whole> {
  const silent = { ...environment, onWarnings: () => undefined }
  const seed = async (): Promise<number> => (await readExperiment(config, set, silent)).spec.seed
  const chosen = await repetition.choose(count, seed)
  const [first, ...others] = repetition.trials(chosen)
  if (first === undefined) throw new Error('there is nothing to repeat')
  const read = (trial: Trial, surroundings: RunEnvironment): Promise<Experiment> =>
    readExperiment(config, [...set, ...trial.set], surroundings)
  const experiment = await read(first, environment)
  const dataFolder = dataFolderOf(experiment, environment.cwd)
  const each = [{ title: first.title, experiment }]
  for (const trial of others) each.push({ title: trial.title, experiment: await read(trial, silent) })
  await requireRows(each, dataFolder, environment)
  const { spec, sweep } = experiment
  if (sweep !== undefined) environment.onNote(SWEEP_IGNORED)
  const folder = await createNumberedFolder(environment.cwd, spec.name, `${repetition.name}-`)
  const pinned = { ...spec, fit: { ...spec.fit, arithmetic: pinnedArithmetic(spec.fit, options) } }
  await writeFileAtomic(join(folder, 'spec.json'), `${JSON.stringify(pinned, null, 2)}\n`, environment.files)
  const { base } = experiment.document
  if (base) await copyModel(base.model, folder, environment.files)
  const begun = begunRecord(spec.name, dataFolder, environment.datasets)
  return { folder, record: { ...begun, ...chosen, meaning: {} } }
}

async function reopen(
  repetition: Repetition,
  resume: string | true,
  { config, set = [], count }: RepeatOptions,
  environment: RunEnvironment,
): Promise<Whole> {
  const { title, option } = repetition
  if (set.length > 0) {
    throw new UsageError(`the trials of a resumed ${title} cannot be changed`, {
      option: 'set',
      hint: 'leave it out, or begin a new one with other values',
    })
  }
  const { cwd } = environment
  const folder =
    resume === true ? await latest(repetition, config ?? DEFAULT_CONFIG, environment) : resolve(cwd, resume)
  const { format: _, ended: _ended, ...record } = await readRepetition(folder, repetition)
  const kept = repetition.trials(record).length
  if (count !== undefined && count !== kept) {
    throw new UsageError(`${runName(folder, cwd)} has ${kept} ${option}`, {
      option,
      hint: (shown) => `leave it out, or begin a new ${title} without ${shown('resume')}`,
    })
  }
  if (config !== undefined || resume === true) {
    const [first] = repetition.trials(record)
    const { spec: begun } = await savedExperiment({ folder }, [])
    const { spec: now } = await readExperiment(config ?? DEFAULT_CONFIG, first?.set ?? [], environment)
    noteChangedConfig(folder, { begun, now }, environment)
  }
  return { folder, record }
}

/** The repetition of a config that was begun last. */
async function latest(
  { name: prefix, title, choose, trials }: Repetition,
  config: Config,
  environment: RunEnvironment,
): Promise<string> {
  // Any of its trials tells the name of the config.
  const [trial] = trials(await choose(2, () => Promise.resolve(0)))
  const { name } = (await readExperiment(config, trial?.set ?? [], environment)).spec
  const parent = join(environment.cwd, 'runs', name)
  const last = await lastNumberedFolder(parent, `${prefix}-`)
  if (last === undefined) throw new RunError(`there is no ${title} of ${name} in ${parent}`)
  return last
}
