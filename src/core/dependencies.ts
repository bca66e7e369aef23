import { isAbsolute, join, resolve } from 'node:path'

import { layers } from '../components/layers/index.ts'
import { namedFiles } from '../data/prepare/named-files.ts'
import { loadExperiment } from '../experiment/build-experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { dataFolderOf, readConfig } from '../experiment/experiment.ts'
import { environmentOf } from './environment.ts'
import type { ConfigOptions } from './validate.ts'

export type DependenciesOptions = ConfigOptions & {
  /** The folder of the run; default: the latest of the config. */
  readonly runDir?: string | undefined
}

/**
 * The model of a run and the files that it depends on: the config, the files that it extends, its data, the model that it
 * starts from, and the vectors of words.
 */
export type Dependencies = { readonly model: string; readonly files: readonly string[] }

export async function dependencies(options: DependenciesOptions): Promise<Dependencies> {
  const { config = DEFAULT_CONFIG, set = [], runDir } = options
  const { cwd } = environmentOf(options)
  const experiment = loadExperiment(await readConfig(config, set, cwd))
  const { document, spec, outline } = experiment
  const folder = dataFolderOf(experiment, cwd)
  const data = await namedFiles(spec.data, folder)
  const vectors = outline.nodes.flatMap(
    ({ config }) => (config && layers.of(config).vectorsPath?.(config)) ?? [],
  )
  return {
    model: join(runDir ?? join('runs', spec.name, 'latest'), 'model', 'model.json'),
    files: [
      ...[...document.sources.keys()].filter(isAbsolute),
      ...data,
      ...(document.base ? [document.base.file] : []),
      ...vectors.map((path) => resolve(folder, path)),
    ],
  }
}
