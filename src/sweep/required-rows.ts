import type { ModelPorts } from '../data/fit/model-columns.ts'
import { prepareRows } from '../data/prepare/prepare.ts'
import { readData } from '../data/prepare/read-data.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import { DataError } from '../errors.ts'
import type { Experiment } from '../experiment/build-experiment.ts'
import { warnOfRows } from '../experiment/data-warnings.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { sizedExperiment } from '../experiment/sized.ts'
import { portsOf, taskOf } from '../experiment/task.ts'

/** Reads the data once and divides, fits and encodes it for every trial: one that is impossible is refused here, by its title. */
export async function requireRows(
  trials: readonly { readonly title?: string; readonly experiment: Experiment }[],
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
