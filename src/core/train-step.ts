import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { readExperiment } from '../experiment/experiment.ts'
import { readSizes } from '../experiment/sized.ts'
import { taskOf } from '../experiment/task.ts'
import { optimize } from '../ir/passes/index.ts'
import { print } from '../ir/print.ts'
import { buildTrainStep } from '../step/train-step.ts'
import { environmentOf } from './environment.ts'
import type { ConfigOptions } from './validate.ts'

/** The tensor operations of one training step of a config, as the compiled engine runs them. */
export async function trainStep(options: ConfigOptions): Promise<string> {
  const { config = DEFAULT_CONFIG, set = [] } = options
  const environment = environmentOf(options)
  const experiment = await readSizes(await readExperiment(config, set, environment), environment)
  const { program } = buildTrainStep(taskOf(experiment), experiment.spec.fit.batch_size)
  return print(optimize(program))
}
