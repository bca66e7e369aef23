import { dirname, join, resolve } from 'node:path'

import { prepareData } from '../data/prepare/prepare.ts'
import type { PreparedData } from '../data/prepare/prepare.ts'
import { formatOf } from '../data/prepare/rows-format.ts'
import type { RowsFormat } from '../data/prepare/rows-format.ts'
import type { RowsOptions, RowsSource } from '../data/prepare/new-rows.ts'
import { UsageError } from '../errors.ts'
import type { Task } from '../step/task.ts'
import { loadModel } from '../run/model-files.ts'
import type { SavedModel } from '../run/model-files.ts'
import { isModelPath } from '../run/model-path.ts'
import { readRecord } from '../run/record.ts'
import { Memory } from '../components/sources/options/memory.ts'
import { datasetPlaces } from './datasets.ts'
import { readExperiment } from './experiment.ts'
import type { Io } from '../cli/io.ts'
import { portsOf, taskOf } from './task.ts'

/** A trained model with the folder that the paths in its data section start from. */
export type OpenedModel = SavedModel & { readonly dataFolder: string; readonly task: Task }

/** The model of a run folder or a model.json, or of the last run of a config. */
export async function openModel(path: string, io: Io): Promise<OpenedModel> {
  const absolute = resolve(io.cwd, path)
  const place = (await isModelPath(absolute)) ? absolute : latestRun(path, io)
  const saved = await loadModel(place)
  const task = taskOf(saved)
  const record =
    (await readRecord(place)) ??
    (await readRecord(dirname(place))) ??
    (await readRecord(dirname(dirname(place))))
  return { ...saved, task, dataFolder: record?.data_folder ?? io.cwd }
}

function latestRun(config: string, io: Io): string {
  return join(io.cwd, 'runs', readExperiment(config, [], io, true).spec.name, 'latest')
}

/** The splits of the data that the model was trained on, encoded as they were then. */
export function ownData(
  { spec, task, preprocessing, dataFolder }: OpenedModel,
  io: Io,
): Promise<PreparedData> {
  return prepareData(spec.data, {
    directory: dataFolder,
    stdin: io.stdin,
    datasets: datasetPlaces(io),
    seed: spec.seed,
    ...portsOf(task),
    fitted: preprocessing,
  })
}

/** How to read new rows: as said, else by the name of the file or folder. */
export async function rowsSource(
  path: string,
  { from, labels }: { from: RowsFormat | undefined; labels?: string | undefined },
  io: Io,
): Promise<RowsSource> {
  const type = from ?? (await formatOf(path, io.cwd))
  if (labels !== undefined && type !== 'idx') throw new UsageError('--labels goes with an IDX file of images')
  return { type, path, labels }
}

/** How new rows are read: with as much memory as the training rows might take. */
export function rowsReading({ spec }: OpenedModel, { targets }: { targets: boolean }, io: Io): RowsOptions {
  const memory = 'memory' in spec.data ? spec.data.memory : Memory.parse(undefined)
  return { directory: io.cwd, stdin: io.stdin, datasets: datasetPlaces(io), targets, memory }
}
