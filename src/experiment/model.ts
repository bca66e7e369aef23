import { dirname, join, resolve } from 'node:path'

import { newRowsTypes, sourceOf, sourceOfFile, sources } from '../components/sources/index.ts'
import { Memory } from '../components/sources/options/rows.ts'
import type { RowsOptions, RowsSource } from '../data/prepare/new-rows.ts'
import { prepareData } from '../data/prepare/prepare.ts'
import type { PreparedData } from '../data/prepare/prepare.ts'
import { UsageError } from '../errors.ts'
import { loadModel } from '../run/model-files.ts'
import type { SavedModel } from '../run/model-files.ts'
import { isModelPath } from '../run/model-path.ts'
import { readRecord } from '../run/record.ts'
import type { Task } from '../step/task.ts'
import { loadExperiment } from './build-experiment.ts'
import type { Environment } from './environment.ts'
import { readConfig } from './experiment.ts'
import { portsOf, taskOf } from './task.ts'

/** A trained model with the folder that the paths in its data section start from. */
export type OpenedModel = SavedModel & { readonly dataFolder: string; readonly task: Task }

/** Opens the model of a run folder or a model.json, or of the latest run of a config. */
export async function openModel(path: string, cwd: string): Promise<OpenedModel> {
  const absolute = resolve(cwd, path)
  const place = (await isModelPath(absolute)) ? absolute : latestRun(path, cwd)
  const saved = await loadModel(place)
  const task = taskOf(saved, saved.preprocessing.outputs)
  const record =
    (await readRecord(place)) ??
    (await readRecord(dirname(place))) ??
    (await readRecord(dirname(dirname(place))))
  return { ...saved, task, dataFolder: record?.data_folder ?? cwd }
}

function latestRun(config: string, cwd: string): string {
  return join(cwd, 'runs', loadExperiment(readConfig(config, [], cwd)).spec.name, 'latest')
}

/** The splits of the data that the model was trained on, encoded as they were then. */
export function ownData(
  { spec, task, preprocessing, dataFolder }: OpenedModel,
  { stdin, datasets }: Environment,
): Promise<PreparedData> {
  return prepareData(spec.data, {
    directory: dataFolder,
    stdin,
    datasets,
    seed: spec.seed,
    portsFor: () => portsOf(task),
    fitted: preprocessing,
  })
}

/** New rows in a file, a folder or a pattern, in the given format or that of its name. */
export async function rowsSource(
  path: string,
  { from, labels }: { from?: string | undefined; labels?: string | undefined },
  cwd: string,
): Promise<RowsSource> {
  const source =
    from === undefined ? await sourceOfFile(path, cwd) : sources.find(({ type }) => type === from)
  if (!source?.newRows)
    throw new UsageError(`--from must be one of ${newRowsTypes.join(', ')}, got "${from}"`)
  if (labels !== undefined && !source.newRows.labels)
    throw new UsageError('--labels belongs to an IDX file of images')
  return { type: source.type, path, labels }
}

/** Options for reading new rows, with as much memory as the training rows might take. */
export function rowsReading(
  { spec }: OpenedModel,
  { targets }: { targets: boolean },
  { cwd, stdin, datasets }: Environment,
): RowsOptions {
  const memory = sourceOf(spec.data).memory(spec.data) ?? Memory.parse(undefined)
  return { directory: cwd, stdin, datasets, targets, memory }
}
