import { isAbsolute, join, relative } from 'node:path'

import { stringify } from 'yaml'

import { sourceOf } from '../components/sources/index.ts'
import { readDocument } from '../experiment/experiment.ts'
import { portablePath } from '../portable-path.ts'
import { isMap } from '../registry.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import type { OpenSweep } from './open-sweep.ts'
import { overridesOf } from './space.ts'
import { SWEEP_CONFIG } from './sweep-folder.ts'
import type { TrialOutcome } from './sweep-result.ts'

/** The config of the best trial in the folder of a sweep. */
export const BEST_CONFIG = 'best.yaml'

/** Writes the config of the best trial to the folder of the sweep; returns its path. */
export async function writeBestConfig(
  { folder, record, experiment, metric }: OpenSweep,
  { trial, value, set }: TrialOutcome,
  files: FileSystem,
): Promise<string> {
  const { data = {} } = readDocument(join(folder, SWEEP_CONFIG), overridesOf(set), folder)
  const { sweep: _, ...config } = data
  const { paths } = sourceOf(experiment.spec.data)
  const section = isMap(config['data']) ? config['data'] : {}
  const moved = Object.fromEntries(
    Object.entries(section).map(([key, path]) =>
      key === 'join' || paths.includes(key)
        ? [key, movedPath(path, record.data_folder, folder)]
        : [key, path],
    ),
  )
  // The layers of a model that the config starts from are written out: what it gives are their weights.
  const { base } = experiment.document
  const model = isMap(config['model']) ? config['model'] : {}
  const started = base && { model: { ...model, weights: portablePath(relative(folder, base.path)) } }
  const path = join(folder, BEST_CONFIG)
  const comment = `# Trial ${trial} of ${metric.name} ${value}, written by nnlab sweep.\n`
  await writeFileAtomic(
    path,
    comment + stringify({ ...config, ...started, data: moved }, { lineWidth: 100 }),
    files,
  )
  return path
}

/** A path, several, or that of a map, from another folder. */
function movedPath(path: unknown, from: string, to: string): unknown {
  if (isMap(path)) return { ...path, path: movedPath(path['path'], from, to) }
  if (Array.isArray(path)) return path.map((one: unknown) => movedPath(one, from, to))
  if (typeof path !== 'string' || isAbsolute(path) || /^(-$|[a-z]+:\/\/)/.test(path)) return path
  return portablePath(relative(to, join(from, path)))
}
