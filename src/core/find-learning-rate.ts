import { readFile } from 'node:fs/promises'

import { DataError, UsageError } from '../errors.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import { dataFolderOf, readExperiment } from '../experiment/experiment.ts'
import { openSession, prepareTraining } from '../experiment/training.ts'
import { writeResultAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { orElsewhere } from '../run/place-error.ts'
import { setNumber } from '../spec/document/set-number.ts'
import { suggestedRate, testRange } from '../train/learning-rate-range.ts'
import type { RatedLoss } from '../train/learning-rate-range.ts'
import { rowWeights } from '../train/row-weights.ts'
import { environmentOf } from './environment.ts'
import type { WriterOptions } from './environment.ts'
import type { ConfigOptions } from './validate.ts'

export type FindLearningRateOptions = ConfigOptions &
  WriterOptions &
  EngineOptions & {
    /** The first and the last learning rate; default: 1e-6 and 10. */
    readonly from?: number | undefined
    readonly to?: number | undefined
    /** Batches that are trained on; default: 100. */
    readonly steps?: number | undefined
    /** Writes the suggested rate into the config. */
    readonly write?: boolean | undefined
  }

/** A learning-rate range test. */
export type LearningRateRange = {
  /** The config that was tested. */
  readonly config: string
  /** The rate at which the loss falls most steeply; undefined where it never falls. */
  readonly suggested: number | undefined
  /** The rate that the config has; undefined where it is a schedule. */
  readonly current: number | undefined
  readonly losses: readonly RatedLoss[]
}

const COMPONENT = ['compile', 'optimizer']
/** Fewer steps show no curve. */
const FEWEST_STEPS = 40

/** Tests which learning rates a model learns with; trains a model that is thrown away. */
export async function findLearningRate(options: FindLearningRateOptions): Promise<LearningRateRange> {
  const { config = DEFAULT_CONFIG, set = [], from = 1e-6, to = 10, steps = 100, write } = options
  if (!(from > 0 && to > from))
    throw new UsageError(`expected more than ${from}, and both above 0, got ${to}`, { option: 'to' })
  if (!(steps >= FEWEST_STEPS))
    throw new UsageError(`expected at least ${FEWEST_STEPS}, got ${steps}`, { option: 'steps' })
  const environment = environmentOf(options)
  const experiment = await readExperiment(config, set, environment)
  const { document } = experiment
  const training = await prepareTraining(
    experiment,
    dataFolderOf(experiment, environment.cwd),
    options,
    environment,
  )
  const { data, task } = training
  const { spec } = training.experiment
  // A learning rate of 1 is multiplied by the factor of each step.
  const session = openSession({
    ...training,
    task: { ...task, optimizer: { ...task.optimizer, learning_rate: 1 } },
  })
  try {
    const losses = await testRange(session, {
      train: data.train,
      batchSize: spec.fit.batch_size,
      seed: spec.seed,
      rowWeights: await rowWeights(data.train, data.preprocessing.outputs, spec.fit.class_weight, task),
      from,
      to,
      steps,
    })
    const suggested = suggestedRate(losses)
    const rate = spec.compile.optimizer['learning_rate']
    if (write && typeof config === 'string') await writeRate(document.file, suggested, options.files)
    return { config: document.file, suggested, current: typeof rate === 'number' ? rate : undefined, losses }
  } finally {
    session.dispose()
    data.close()
  }
}

async function writeRate(file: string, rate: number | undefined, files?: FileSystem): Promise<void> {
  if (rate === undefined) {
    throw new DataError('the loss did not fall at any learning rate: nothing was written', {
      hint: 'look at the curve; are the features scaled, and does the loss fit the target?',
    })
  }
  const text = await readFile(file, 'utf8')
  const changed = setNumber(text, COMPONENT, 'learning_rate', rate)
  const hint = `write compile.optimizer.learning_rate: ${rate} yourself`
  if (changed === undefined) {
    throw new UsageError(
      `${file}: the optimizer is in another file, or has a schedule: nothing was written`,
      { hint },
    )
  }
  await orElsewhere(hint, async () => {
    await writeResultAtomic(file, changed, files)
  })
}
