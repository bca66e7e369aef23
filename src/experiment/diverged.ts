import { relative } from 'node:path'

import { takeFrom } from '../data/rows/picked-rows.ts'
import { firstNonFinite } from '../train/divergence.ts'
import type { StepDivergedError } from '../train/divergence.ts'
import { epochOrder } from '../train/order.ts'
import type { TrainingState } from '../train/training-state.ts'
import { replayTo } from './replay.ts'
import type { Training } from './training.ts'

/** The state that training is repeated from; its checkpoint, where it has one, and whether the saved model is from it. */
type LastGood = {
  readonly state: TrainingState | undefined
  readonly checkpoint: string | undefined
  readonly isSaved: boolean
}

/**
 * The error with the layer where the numbers were lost and the last good checkpoint, from which a fork can go on:
 * training is repeated from there to the step before, and the layers are looked at one by one.
 */
export async function explainDivergence(
  error: StepDivergedError,
  training: Training,
  good: LastGood,
  cwd: string,
): Promise<StepDivergedError> {
  const { experiment, engine, task, data } = training
  const { batch_size, shuffle } = experiment.spec.fit
  const { weights } = await replayTo(error.stepsBefore, training, good.state)
  const { rows: count } = data.train
  const first = error.step * batch_size
  const order = epochOrder(task.seed, error.epoch, count, shuffle)(first, Math.min(count, first + batch_size))
  const rows = await takeFrom(data.train, order)
  const { where, hint } = await firstNonFinite(engine, task, weights, rows, batch_size)
  const starts = `it starts ${where}`
  if (good.checkpoint === undefined) return error.with([starts, 'there is no checkpoint before it'], hint)
  const saved = good.isSaved ? ', and the saved model is from it' : ''
  const name = relative(cwd, good.checkpoint)
  return error.with(
    [starts, `the last good checkpoint is ${name}${saved}`],
    hint ??
      `continue from it with a smaller learning rate: nnlab train --fork ${name} --set compile.optimizer.learning_rate=${smallerRate(training)}; scaled features (data.features.scale) or clipnorm in the optimizer may help too`,
  )
}

/** A tenth of the learning rate; of a schedule's, some small one. */
function smallerRate({ experiment }: Training): string {
  const rate = experiment.spec.compile.optimizer['learning_rate']
  return typeof rate === 'number' ? String(Number((rate / 10).toPrecision(3))) : '0.0001'
}
