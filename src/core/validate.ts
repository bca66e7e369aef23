import type { Diagnostic } from '../diagnostic.ts'
import { checkModel } from '../experiment/build-experiment.ts'
import { sweepProblems } from '../sweep/sweep-problems.ts'
import { readConfig, startOf } from '../experiment/experiment.ts'
import { foresee } from '../experiment/memory.ts'
import type { Config } from '../experiment/experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type ConfigOptions = EnvironmentOptions & {
  /** A config: the path of its file, or its contents as plain data; default: `nnlab.yaml`. */
  readonly config?: Config | undefined
  /** Keys that are overridden, as in `fit.epochs=3`. */
  readonly set?: readonly string[] | undefined
}

/** Problems of a config. */
export type Validation = {
  /** Without errors; there may be warnings. */
  readonly ok: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that the diagnostics point into, by file. */
  readonly sources: ReadonlyMap<string, string>
}

/** Reports every problem in a config, or in a file that holds a model alone, without reading data. */
export async function validate(options: ConfigOptions): Promise<Validation> {
  const { config = DEFAULT_CONFIG, set = [] } = options
  const { cwd, memory } = environmentOf(options)
  const document = await readConfig(config, set, cwd)
  const { experiment, diagnostics: wrong } = checkModel(document)
  if (experiment) await startOf(document, experiment.outline, experiment.spec.model)
  const diagnostics = [
    ...wrong,
    ...(experiment?.sweep ? sweepProblems(document, experiment.sweep) : []),
    ...(await foresee(experiment, memory)),
  ]
  const ok = diagnostics.every(({ severity }) => severity !== 'error')
  return { ok, diagnostics, sources: document.sources }
}
