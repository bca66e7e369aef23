import { isAbsolute, join, relative } from 'node:path'

import { stringify } from 'yaml'

import { sourceOf } from '../components/sources/index.ts'
import type { BaseModel } from '../experiment/base-model.ts'
import { readDocument } from '../experiment/experiment.ts'
import { portablePath } from '../portable-path.ts'
import { isMap } from '../registry.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { counted } from '../wording.ts'
import type { OpenSweep } from './open-sweep.ts'
import { overridesOf } from './space.ts'
import { SWEEP_CONFIG } from './sweep-folder.ts'
import type { TrialOutcome } from './sweep-result.ts'

/** The config of the best trial in the folder of a sweep. */
export const BEST_CONFIG = 'best.yaml'

/** Writes the config of the best trial to the folder of the sweep; returns its path. */
export async function writeBestConfig(
  { folder, record, experiment, metric }: OpenSweep,
  { trial, state, value, epochs, set }: TrialOutcome,
  files: FileSystem,
): Promise<string> {
  const { data = {} } = readDocument(join(folder, SWEEP_CONFIG), overridesOf(set), folder)
  const { sweep: _, ...config } = data
  const { paths } = sourceOf(experiment.spec.data)
  const section = isMap(config['data']) ? config['data'] : {}
  const move = (path: string): string => pathFrom(folder, path, record.data_folder)
  const moved = Object.fromEntries(
    Object.entries(section).map(([key, path]) =>
      key === 'join' || paths.includes(key) ? [key, withPaths(path, move)] : [key, path],
    ),
  )
  // Layers that the config takes from a model are written out in the sweep: they are taken from its copy again.
  const { base } = experiment.document
  const model = isMap(config['model']) ? mapped(config['model'], (part) => withVectors(part, move)) : {}
  const started = base && startedModel(model, base, portablePath(relative(folder, base.path)))
  const path = join(folder, BEST_CONFIG)
  const early = state === 'stopped' ? ` after ${counted(epochs, 'epoch')}, where it was ended early` : ''
  const comment = `# Trial ${trial} of ${metric.name} ${value}${early}, written by nnlab sweep.\n`
  await writeFileAtomic(
    path,
    comment + stringify({ ...config, model: { ...model, ...started }, data: moved }, { lineWidth: 100 }),
    files,
  )
  return path
}

/** The keys of a model that starts from another at a path: its weights alone, or its layers, too. */
function startedModel(
  { weights, layers }: Readonly<Record<string, unknown>>,
  { model }: BaseModel,
  path: string,
): Record<string, unknown> {
  if (weights !== undefined || !Array.isArray(layers)) return { weights: path }
  const own: unknown[] = layers.slice(model.spec.model.layers.length)
  return { from: path, layers: own }
}

/** Keys of maps of paths: those of splits, and of files with further columns. */
const KEYS_OF_PATHS: readonly string[] = ['path', 'train', 'validation', 'test']

/** A path, several, or those of a map, changed. */
function withPaths(value: unknown, change: (path: string) => string): unknown {
  if (isMap(value)) {
    return mapped(value, (part, key) => (KEYS_OF_PATHS.includes(key) ? withPaths(part, change) : part))
  }
  if (Array.isArray(value)) return value.map((one: unknown) => withPaths(one, change))
  return typeof value === 'string' ? change(value) : value
}

/** Layers with the files that their embeddings begin with changed, at any depth. */
function withVectors(value: unknown, change: (path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withVectors(one, change))
  if (!isMap(value)) return value
  return mapped(value, (part, key) =>
    key === 'embeddings' && isMap(part) ? withPaths(part, change) : withVectors(part, change),
  )
}

function mapped(
  map: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]))
}

/** A path as it starts from a folder, by what it is in another. */
function pathFrom(folder: string, path: string, other: string): string {
  return isAbsolute(path) || /^(-$|[a-z]+:\/\/)/.test(path)
    ? path
    : portablePath(relative(folder, join(other, path)))
}
