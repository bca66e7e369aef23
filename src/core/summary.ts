import { resolve } from 'node:path'

import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { readExperiment } from '../experiment/experiment.ts'
import type { Config } from '../experiment/experiment.ts'
import { summaryData } from '../report/text/summary.ts'
import type { ModelSummary } from '../report/text/summary.ts'
import type { SavedModel } from '../run/model-files.ts'
import { isModelPath } from '../run/model-path.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type SummaryOptions = EnvironmentOptions & {
  /** A config, a run folder or a model.json; default: `nnlab.yaml`. */
  readonly model?: Config | undefined
  /** Keys of a config that are overridden, as in `model.layers[0].units=3`. */
  readonly set?: readonly string[] | undefined
}

/** Layers, shapes and parameters of a config or of a trained model. */
export async function summary(options: SummaryOptions): Promise<ModelSummary> {
  const { model = DEFAULT_CONFIG, set = [] } = options
  const environment = environmentOf(options)
  const path = typeof model === 'string' ? resolve(environment.cwd, model) : undefined
  const { spec, graph } =
    path !== undefined && (await isModelPath(path))
      ? await savedModel(path)
      : readExperiment(model, set, environment)
  return summaryData(spec, graph)
}

/** Loads a model; configs are shown sooner where the code for that is not loaded. */
async function savedModel(path: string): Promise<SavedModel> {
  const { loadModel } = await import('../run/model-files.ts')
  return loadModel(path)
}
