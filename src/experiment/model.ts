import { join, resolve } from 'node:path'

import { newRowsTypes, sourceOf, sourceOfFile, sources } from '../components/sources/index.ts'
import { Memory } from '../components/sources/options/rows.ts'
import type { Source } from '../components/sources/source.ts'
import { namedFiles } from '../data/prepare/named-files.ts'
import type { RowsOptions, RowsSource } from '../data/prepare/new-rows.ts'
import { prepareData } from '../data/prepare/prepare.ts'
import type { PreparedData, PreparedRows, PrepareOptions } from '../data/prepare/prepare.ts'
import { trainedRows } from '../data/prepare/trained-columns.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { RunError, UsageError } from '../errors.ts'
import { vocabulariesOf } from '../model/vocabularies.ts'
import { latestRunIn } from '../run/folder.ts'
import { loadModel } from '../run/model-files.ts'
import type { SavedModel } from '../run/model-files.ts'
import { isModelPath } from '../run/model-path.ts'
import { runOfModel } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import type { Task } from '../step/task.ts'
import type { SplitName } from '../table/table.ts'
import { loadExperiment } from './build-experiment.ts'
import { placesOfRun } from './environment.ts'
import type { Environment, UsedModel } from './environment.ts'
import { readConfig } from './experiment.ts'
import { portsOf, stepsOfEpoch, taskOf } from './task.ts'

/** A trained model. */
export type OpenedModel = SavedModel &
  Pick<UsedModel, 'sources'> & {
    /** The folder of its run, or its own where it is in none. */
    readonly folder: string
    /** The record of its run. */
    readonly record: RunRecord | undefined
    /** The folder that the paths in its data section start from, and that of the known data sets. */
    readonly dataFolder: string
    readonly datasetsFolder: string | undefined
    readonly task: Task
  }

/** Opens the model of a run folder or a model.json, or of the last plain run of a config. */
export async function openModel(path: string, { cwd, onModel }: Environment): Promise<OpenedModel> {
  const absolute = resolve(cwd, path)
  const place = (await isModelPath(absolute)) ? absolute : await lastRun(path, cwd)
  const saved = await loadModel(place)
  const { folder, record } = await runOfModel(place)
  const dataFolder = record?.data_folder ?? cwd
  const sources = async (): Promise<string[]> => {
    const rows = await namedFiles(saved.spec.data, dataFolder).catch(() => [])
    return record ? [record.config, ...rows] : rows
  }
  onModel({ folder, columns: trainedRows(saved.preprocessing).features, sources })
  return {
    ...saved,
    sources,
    folder,
    record,
    task: taskOf(
      saved,
      saved.preprocessing.outputs,
      record && stepsOfEpoch(saved.spec.fit, record.data.rows.train),
    ),
    dataFolder,
    datasetsFolder: record?.datasets_folder,
  }
}

/** The folder of the last plain run of a config: no fold of a cross-validation, no trial of a sweep. */
async function lastRun(config: string, cwd: string): Promise<string> {
  const { name } = loadExperiment(await readConfig(config, [], cwd)).spec
  const runs = join('runs', name)
  const folder = await latestRunIn(resolve(cwd, runs))
  if (folder !== undefined) return folder
  throw new RunError(`there is no model in ${runs}: ${config} has no plain run yet`, {
    hint: `train it: nnlab train ${config}`,
  })
}

/** The splits of the data that the model was trained on, encoded as they were then. */
export function ownData(
  { spec, task, preprocessing, dataFolder, datasetsFolder }: OpenedModel,
  { stdin, datasets }: Environment,
  onPrepared?: PrepareOptions['onPrepared'],
): Promise<PreparedData> {
  return prepareData(spec.data, {
    directory: dataFolder,
    stdin,
    datasets: placesOfRun(datasets, datasetsFolder),
    seed: spec.seed,
    portsFor: () => portsOf(task),
    fitted: preprocessing,
    ...(onPrepared && { onPrepared }),
  })
}

/** Tells whether the rows that a run was trained on have changed since. */
export function hasOtherRows(
  { data }: Pick<RunRecord, 'data'>,
  { fingerprint }: Pick<PreparedData, 'fingerprint'>,
): boolean {
  return fingerprint !== (data.rows_sha256 ?? data.sha256)
}

/** The rows that a trained model is measured on: those of the test split, else of the validation or the training split. */
export function measuredRows({ train, validation, test }: PreparedRows): {
  readonly split: SplitName
  readonly rows: RowSet
} {
  if (test) return { split: 'test', rows: test }
  return validation ? { split: 'validation', rows: validation } : { split: 'train', rows: train }
}

/** New rows in a file, a folder or a pattern, in the given format, or that of its name: the format of the training rows, if it fits. */
export async function rowsSource(
  path: string,
  { from, labels }: { from?: string | undefined; labels?: string | undefined },
  trained: { readonly type: string },
  cwd: string,
): Promise<RowsSource> {
  const own = sourceOf(trained)
  const named = async (): Promise<Source> =>
    own.newRows && own.endings?.test(path) === true ? own : sourceOfFile(path, cwd)
  const source = from === undefined ? await named() : sources.find(({ type }) => type === from)
  if (!source?.newRows)
    throw new UsageError(`expected one of ${newRowsTypes.join(', ')}, got "${from}"`, { option: 'from' })
  if (labels !== undefined && !source.newRows.labels)
    throw new UsageError('only an IDX file of images has a file of labels', { option: 'labels' })
  return { type: source.type, path, labels }
}

/** Options for reading new rows, with as much memory as the training rows might take. */
export function rowsReading(
  { spec, task }: OpenedModel,
  { targets }: { targets: boolean },
  { cwd, stdin, datasets }: Environment,
): RowsOptions {
  const memory = sourceOf(spec.data).memory(spec.data) ?? Memory.parse(undefined)
  return { directory: cwd, stdin, datasets, targets, vocabularies: vocabulariesOf(task.graph), memory }
}
