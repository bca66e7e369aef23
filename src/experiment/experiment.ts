import { dirname, join, resolve } from 'node:path'

import { sourceOf } from '../components/sources/index.ts'
import { loadDocument } from '../spec/document/document.ts'
import type { ConfigDocument } from '../spec/document/document.ts'
import { RunError } from '../errors.ts'
import type { Outline } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import { baseKey } from '../spec/base-layers.ts'
import { checkConfig, loadExperiment } from './build-experiment.ts'
import type { Experiment, RowsSpec } from './build-experiment.ts'
import type { KeptModel, ModelDocument } from './base-model.ts'
import type { Environment } from './environment.ts'
import { keepBase } from './keep-base.ts'

/** A config: the path of its file, or its contents as plain data. */
export type Config = string | Readonly<Record<string, unknown>>

/**
 * Reads a config and the model that it starts from, which a run may have kept. A config that is given as plain data is taken
 * for a JSON file in the current folder.
 */
export async function readConfig(
  config: Config,
  set: readonly string[],
  cwd: string,
  kept?: KeptModel,
): Promise<ModelDocument> {
  const document = readDocument(config, set, cwd)
  if (baseKey(document) === undefined) return document
  const { withBase } = await import('./base-model.ts')
  return withBase(document, cwd, kept)
}

/** The weights that a config takes from another model, as far as shapes are known; throws a RunError where they do not fit. */
export async function startOf(
  { base }: ModelDocument,
  outline: Outline,
  model: Pick<ModelSpec, 'weights'>,
): Promise<Weights> {
  if (base === undefined) return new Map()
  const { startWeights } = await import('./base-model.ts')
  return startWeights(outline, model, base)
}

/** Reads the text of a config. */
export function readDocument(config: Config, set: readonly string[], cwd: string): ConfigDocument {
  if (typeof config === 'string') return loadDocument(resolve(cwd, config), set)
  return loadDocument(join(cwd, 'config.json'), set, JSON.stringify(config, null, 2))
}

/** Reads a config that can be run, or throws a ConfigError; reports its warnings. */
export async function readExperiment(
  config: Config,
  set: readonly string[],
  { cwd, onWarnings }: Pick<Environment, 'cwd' | 'onWarnings'>,
): Promise<Experiment> {
  const experiment = loadExperiment(await readConfig(config, set, cwd))
  const { warnings, document } = experiment
  onWarnings(warnings, document.sources)
  return experiment
}

/** The config in the folder of a run, or of several, and the model that it starts from. */
export async function savedDocument(folder: string, config = 'spec.json'): Promise<ModelDocument> {
  const { ownBase } = await import('./base-model.ts')
  const base = await ownBase(folder)
  const document = readDocument(join(folder, config), [], folder)
  return base ? keepBase(document, base) : document
}

/** The experiment of a run, with overrides. */
export async function savedExperiment(
  { folder }: { folder: string },
  set: readonly string[],
): Promise<Experiment> {
  return overriddenExperiment(await savedDocument(folder), set)
}

/** The experiment of a config that nnlab has written, with overrides. */
export function overriddenExperiment(written: ModelDocument, set: readonly string[]): Experiment {
  const document = written.with(set)
  const { experiment } = checkConfig(document)
  if (experiment !== undefined) return experiment
  const saved = checkConfig(written)
  if (saved.experiment === undefined) {
    const [first] = saved.diagnostics
    throw new RunError(
      `${written.file} is damaged or of another version: ${first?.message ?? 'it is not a config'}`,
      {
        hint: 'name the config that the run was trained from, as in `nnlab train config.yaml --resume RUN`',
      },
    )
  }
  return loadExperiment(document)
}

/** The folder that the paths in the data section start from: that of the file which names them, or the current one. */
export function dataFolderOf(
  { document, spec }: Pick<Experiment, 'document'> & { spec: RowsSpec },
  cwd: string,
): string {
  const key = sourceOf(spec.data).paths.find((name) => name in spec.data)
  const file = document.fileOf(key === undefined ? ['data'] : ['data', key])
  return file === undefined ? cwd : dirname(file)
}
