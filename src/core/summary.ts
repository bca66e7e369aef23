import { resolve } from 'node:path'

import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { ConfigError } from '../diagnostic.ts'
import { checkModel } from '../experiment/build-experiment.ts'
import { readConfig, readExperiment } from '../experiment/experiment.ts'
import { foresee } from '../experiment/memory.ts'
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
  /** Reads the data of a config for the sizes that it leaves to it. */
  readonly data?: boolean | undefined
}

/** Layers, shapes and parameters of a config, of a file that holds a model alone, or of a trained model. */
export async function summary(options: SummaryOptions): Promise<ModelSummary> {
  const { model = DEFAULT_CONFIG, set = [], data } = options
  const environment = environmentOf(options)
  const path = typeof model === 'string' ? resolve(environment.cwd, model) : undefined
  if (path !== undefined && (await isModelPath(path))) {
    const { spec, graph, run } = await savedModel(path)
    environment.onModel({ folder: run, columns: [], sources: () => Promise.resolve([]) })
    return summaryData(graph, spec, run)
  }
  if (data) {
    const { readSizes } = await import('../experiment/sized.ts')
    const { spec, graph } = await readSizes(await readExperiment(model, set, environment), environment)
    return summaryData(graph, spec)
  }
  const document = await readConfig(model, set, environment.cwd)
  const { model: found, experiment, diagnostics: wrong } = checkModel(document)
  const diagnostics = [...wrong, ...(await foresee(experiment, environment.memory))]
  if (diagnostics.some(({ severity }) => severity === 'error'))
    throw new ConfigError(diagnostics, document.sources)
  environment.onWarnings(diagnostics, document.sources)
  return summaryData(found.outline, found.spec ?? { name: found.name })
}

/** Loads a model with the folder of its run; configs are shown sooner where the code for that is not loaded. */
async function savedModel(path: string): Promise<SavedModel & { run: string }> {
  const [{ loadModel }, { runOfModel }] = await Promise.all([
    import('../run/model-files.ts'),
    import('../run/record.ts'),
  ])
  return { ...(await loadModel(path)), run: (await runOfModel(path)).folder }
}
