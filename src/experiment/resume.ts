import { realpath, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'

import { RunError, UsageError } from '../errors.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { lockRun } from '../run/lock.ts'
import { readRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import { changesThePast, renderChanges, specChanges } from '../run/spec-changes.ts'
import type { Experiment } from './build-experiment.ts'
import type { Spec } from '../spec/schema/spec.ts'
import type { TrainingState } from '../train/training-state.ts'
import { DEFAULT_CONFIG } from './default-config.ts'
import type { EngineFlags } from './engine.ts'
import { dataFolderOf, readExperiment } from './experiment.ts'
import type { Io } from '../cli/io.ts'
import { originOf, prepareTraining } from './training.ts'
import type { Training } from './training.ts'

export type SavedRun = { readonly folder: string; readonly record: RunRecord }

/** A run in its folder, or a RunError that says what is missing. */
export async function openRun(path: string, io: Io): Promise<SavedRun> {
  const named = resolve(io.cwd, path)
  const folder = await realpath(named).catch(() => named)
  const found = await stat(folder).catch(() => undefined)
  if (found?.isFile()) {
    throw new UsageError(`${path} is a file, not the folder of a run`, {
      hint: 'name the config first, as in `nnlab train config.yaml --resume`',
    })
  }
  const record = await readRecord(folder)
  if (record === undefined) {
    throw new RunError(
      found === undefined ? `there is no run ${path}` : `${path} is not a run: it has no valid run.json`,
      { hint: '`nnlab runs` lists the runs' },
    )
  }
  return { folder, record }
}

/** The experiment as a run has it, with overrides. */
export function savedExperiment({ folder }: SavedRun, set: readonly string[], io: Io): Experiment {
  return readExperiment(join(folder, 'spec.json'), set, io, true)
}

/** Prepares the training of a run with the engine it has used, on the data it has used. */
export async function prepareAgain(
  { folder, record }: SavedRun,
  experiment: Experiment,
  dataFolder: string,
  flags: EngineFlags,
  io: Io,
): Promise<Training> {
  const { fit } = experiment.spec
  const arithmetic = record.engine === 'compiled' ? record.arithmetic : fit.arithmetic
  const wanted = flags.engine ?? (flags.backend === undefined ? fit.engine : 'tfjs')
  const differs =
    (wanted !== 'auto' && wanted !== record.engine) ||
    (flags.backend !== undefined && flags.backend !== record.arithmetic) ||
    (fit.arithmetic !== 'auto' && fit.arithmetic !== arithmetic)
  const name = relative(io.cwd, folder) || '.'
  if (differs) {
    throw new RunError(`${name} was trained by the ${record.engine} engine (${record.arithmetic})`, {
      hint: 'another engine or arithmetic would give other bits: leave --engine, --backend and fit.arithmetic out',
    })
  }
  const training = await prepareTraining(
    { ...experiment, spec: { ...experiment.spec, fit: { ...fit, arithmetic: arithmeticOf(arithmetic) } } },
    dataFolder,
    record.engine === 'tfjs'
      ? { engine: 'tfjs', backend: backendOf(record.arithmetic) }
      : { engine: 'compiled', backend: undefined },
    io,
  )
  if (training.data.fingerprint !== record.data.sha256) {
    throw new RunError(`the data has changed since ${name} was trained`, {
      hint: 'bring back the old data, or train anew without --resume',
    })
  }
  return { ...training, experiment }
}

function arithmeticOf(text: string): Spec['fit']['arithmetic'] {
  return text === 'fma' || text === 'mul_add' ? text : 'auto'
}

function backendOf(text: string): EngineFlags['backend'] {
  return text === 'tensorflow' || text === 'wasm' || text === 'cpu' ? text : undefined
}

export type ResumeOptions = EngineFlags & {
  /** The config, where one was named. */
  readonly config: string | undefined
  readonly set: readonly string[]
  /** The folder of the run; where it is empty, the last run of the config. */
  readonly resume: string
  /** Refuses every change of the config, not only those of the past. */
  readonly exact?: boolean
}

export type Resumed = SavedRun & {
  readonly training: Training
  readonly from: TrainingState | undefined
  readonly unlock: () => Promise<void>
}

/** Finds a run and where it can go on from; says on stderr what differs and what is damaged. */
export async function resumeRun(
  options: ResumeOptions,
  io: Io,
  say: (text: string) => void,
): Promise<Resumed> {
  const config = options.config ?? (options.resume === '' ? DEFAULT_CONFIG : undefined)
  const given = config === undefined ? undefined : readExperiment(config, options.set, io, true)
  const path = options.resume === '' ? join('runs', given?.spec.name ?? '', 'latest') : options.resume
  const run = await openRun(path, io)
  const name = relative(io.cwd, run.folder) || '.'
  const unlock = await lockRun(run.folder, process)
  try {
    const saved = savedExperiment(run, [], io)
    const experiment = given ?? savedExperiment(run, options.set, io)
    const changes = specChanges(saved.spec, experiment.spec)
    const differs = `the config differs from that of ${name}:\n${renderChanges(changes)}`
    if (options.exact && changes.length > 0) throw new RunError(differs.trimEnd())
    const past = changes.filter(changesThePast)
    if (past.length > 0) {
      throw new RunError(
        `the config would change what ${name} has done already:\n${renderChanges(past).trimEnd()}`,
        {
          hint: 'undo these changes, or train anew without --resume',
        },
      )
    }
    if (changes.length > 0) say(differs)
    const dataFolder = given === undefined ? run.record.data_folder : dataFolderOf(experiment, io)
    const training = await prepareAgain(run, experiment, dataFolder, options, io)
    const store = new Checkpoints(run.folder, run.record.id, io.files)
    const damages: RunError[] = []
    const from = await store.newest(originOf(training, run.record.id), (damage) => {
      damages.push(damage)
      say(`note: ${damage.message}\n`)
    })
    if (from === undefined && damages.length > 0) {
      throw new RunError(`no checkpoint of ${name} can be used`, {
        hint: 'train anew without --resume; nothing of the run was changed',
      })
    }
    await store.sweep()
    say(
      from === undefined
        ? `${name} has no checkpoint yet: it starts from the beginning\n`
        : `${name} goes on after epoch ${from.epoch}${from.sums.steps > 0 ? ` and ${from.sums.steps} steps` : ''}\n`,
    )
    return { ...run, training, from, unlock }
  } catch (error) {
    await unlock()
    throw error
  }
}
