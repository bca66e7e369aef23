import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'

import type { DatasetPlaces } from '../components/datasets/dataset.ts'
import { RunError, UsageError } from '../errors.ts'
import { hasTrained, readRun, stateOf } from '../run/catalog.ts'
import type { StoredRun } from '../run/catalog.ts'
import { copyBase, copyModel } from '../run/base.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { disk } from '../run/files.ts'
import { createRunFolder, requireOwn } from '../run/folder.ts'
import { requireFree } from '../run/foreign.ts'
import type { HostProcess } from '../run/host-process.ts'
import { lockRun } from '../run/lock.ts'
import { CALLBACK_LOGS } from '../run/logs.ts'
import type { RunRecord } from '../run/record.ts'
import { FORMAT, NUMERICS } from '../run/versions.ts'
import { runName } from '../run/run-name.ts'
import { version } from '../version.ts'
import { counted } from '../wording.ts'
import type { ModelDocument } from './base-model.ts'
import { DEFAULT_CONFIG } from './default-config.ts'
import type { EngineOptions } from './engine.ts'
import { placesOfRun } from './environment.ts'
import type { RunEnvironment } from './environment.ts'
import { dataFolderOf, overriddenExperiment, readExperiment, savedDocument } from './experiment.ts'
import type { Config } from './experiment.ts'
import { beginningOf, findCheckpoint, openForked } from './fork.ts'
import type { ForkedRun } from './fork.ts'
import type { ReadyRun } from './ready-run.ts'
import { prepareTraining } from './training.ts'
import type { Training } from './training.ts'

export type NewRunOptions = EngineOptions & {
  readonly config?: Config | undefined
  readonly set?: readonly string[] | undefined
  /** The folder of the run; default: the next number below `runs/NAME`. */
  readonly runDir?: string | undefined
  /** Replaces a run that `runDir` holds. */
  readonly update?: boolean | undefined
  /** A run, or one of its checkpoints, that the new run starts from; its config is used where none is named. */
  readonly fork?: string | undefined
}

/** Note on a config that is trained once although it describes a sweep. */
export const SWEEP_IGNORED = 'the section `sweep` is ignored: `nnlab sweep` trains its trials'

/** A config that nnlab has written, the folder that the paths in its data section start from, and that of the known data sets. */
export type SavedConfig = {
  readonly document: ModelDocument
  readonly dataFolder: string
  readonly datasetsFolder?: string | undefined
}

/** Prepares the run of a config, in a folder of its own; where no config is named, that of an earlier run. */
export async function startRun(
  options: NewRunOptions,
  surroundings: RunEnvironment,
  earlier?: SavedConfig,
): Promise<ReadyRun> {
  const { config, set = [], runDir, update, fork } = options
  const { cwd, files = disk, process, onNote } = surroundings
  if (runDir === '') throw new UsageError('the name of the run folder is empty')
  if (runDir !== undefined) await requireOwn(resolve(cwd, runDir))
  const forked = fork === undefined ? undefined : await openForked(fork, cwd)
  const saved = config === undefined ? (earlier ?? (await savedRun(forked))) : undefined
  const datasets = placesOfRun(surroundings.datasets, saved?.datasetsFolder)
  const environment = { ...surroundings, datasets }
  const experiment = saved
    ? overriddenExperiment(saved.document, set)
    : await readExperiment(config ?? DEFAULT_CONFIG, set, environment)
  const dataFolder = saved ? saved.dataFolder : dataFolderOf(experiment, cwd)
  const reading = { ...options, warnsOfData: saved === undefined }
  const training = await prepareTraining(experiment, dataFolder, reading, environment)
  if (experiment.sweep !== undefined && saved === undefined) onNote(SWEEP_IGNORED)
  for (const note of training.data.notes) onNote(note)
  const checkpoint = forked && (await findCheckpoint(forked, training, environment))
  const folder = await createRunFolder(cwd, experiment.spec.name, runDir)
  const unlock = await lockRun(folder, process)
  try {
    const there = await readRun(folder)
    if (there !== undefined && !update && (await hasTrained(there)))
      throw await holdsRun(runName(folder, cwd), there, process)
    const begun = startRecord(training, datasets, process)
    if (there !== undefined) {
      await requireFree(folder, there.record.id)
      await new Checkpoints(folder, there.record.id, files).clear()
      for (const name of CALLBACK_LOGS) await files.remove(join(folder, name))
    }
    const { base } = experiment.document
    if (base) await copyModel(base.model, folder, files)
    const record = {
      ...begun,
      ...(base && { base_model: { path: base.path, sha256: base.sha256 } }),
      ...(checkpoint !== undefined && { base: await copyBase(checkpoint, folder, files) }),
    }
    const from = await beginningOf({ folder, record }, training)
    return { folder, record, training, resumed: false, from, unlock }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** A run to fork whose own config is used. */
async function savedRun(forked: ForkedRun | undefined): Promise<SavedConfig | undefined> {
  if (forked?.record === undefined) return undefined
  const { data_folder: dataFolder, datasets_folder: datasetsFolder } = forked.record
  return { document: await savedDocument(forked.folder), dataFolder, datasetsFolder }
}

/** The error for a folder that holds a run which must not be replaced. */
export async function holdsRun(name: string, run: StoredRun, host: HostProcess): Promise<RunError> {
  const epochs = counted(run.history.last, 'epoch')
  return new RunError(`${name} holds a run already: ${await stateOf(run, host)}, ${epochs}`, {
    hint: (option) =>
      `\`nnlab train --resume ${name}\` resumes it; ${option('update')} replaces it where config or data have changed`,
  })
}

function startRecord(
  { experiment: { document, spec }, data, engine, dataFolder }: Training,
  { folder, fallback }: DatasetPlaces,
  host: HostProcess,
): RunRecord {
  const datasetsFolder = folder ?? fallback
  return {
    format: FORMAT,
    numerics: NUMERICS,
    id: randomUUID(),
    nnlab: version,
    node: host.version,
    config: document.file,
    data_folder: dataFolder,
    ...(datasetsFolder !== undefined && { datasets_folder: datasetsFolder }),
    state: 'running',
    started: new Date().toISOString(),
    engine: engine.name,
    arithmetic: engine.arithmetic,
    seed: spec.seed,
    parts: spec.fit.parts,
    data: {
      sha256: data.fingerprint,
      ...(data.rowsFingerprint !== data.fingerprint && { rows_sha256: data.rowsFingerprint }),
      rows: {
        train: data.train.rows,
        validation: data.validation?.rows ?? 0,
        test: data.test?.rows ?? 0,
      },
    },
  }
}
