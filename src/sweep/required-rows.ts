import type { ModelPorts } from '../data/fit/model-columns.ts'
import { prepareRows, readKey } from '../data/prepare/prepare.ts'
import { readData } from '../data/prepare/read-data.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import { DataError } from '../errors.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { warnOfRows } from '../experiment/data-warnings.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { sizedExperiment } from '../experiment/sized.ts'
import { portsOf, taskOf } from '../experiment/task.ts'

type TriedRows = { readonly title?: string; readonly experiment: Experiment }

/**
 * Reads the data, once for all trials that read the same, and divides, fits and encodes it for every trial: one that is impossible
 * is refused here, by its title. Warnings are those of the first trials.
 */
export async function requireRows(
  trials: readonly TriedRows[],
  directory: string,
  environment: RunEnvironment,
): Promise<void> {
  const keys = trials.map(({ experiment }) => readKey(experiment.spec.data))
  for (const key of new Set(keys)) {
    const alike = trials.filter((_, i) => keys[i] === key)
    const onWarnings = key === keys[0] ? environment.onWarnings : () => undefined
    await requireAlike(alike, directory, { ...environment, onWarnings })
  }
}

/** The same for trials that read the same. */
async function requireAlike(
  trials: readonly TriedRows[],
  directory: string,
  { stdin, datasets, onWarnings }: RunEnvironment,
): Promise<void> {
  const [first] = trials
  if (first === undefined) return
  const reading = { directory, stdin, datasets }
  const read = await readData(first.experiment.spec.data, reading)
  try {
    for (const { title, experiment } of trials) {
      const { spec } = experiment
      const portsFor = (from: ReadData): ModelPorts => portsOf(taskOf(sizedExperiment(experiment, from)))
      const prepared = await prepareRows(read, spec.data, { ...reading, seed: spec.seed, portsFor }).catch(
        (error: unknown) => {
          if (!(error instanceof DataError) || title === undefined) throw error
          const { message, hint } = error
          throw new DataError(`${title}: ${message}`, { hint, cause: error })
        },
      )
      if (experiment === first.experiment)
        await warnOfRows(read, prepared, sizedExperiment(experiment, read), onWarnings)
    }
  } finally {
    read.spool?.close()
  }
}
