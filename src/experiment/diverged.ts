import { relative } from 'node:path'

import type { Checkpoints } from '../run/checkpoints.ts'
import { firstNonFinite, pickRows } from '../train/divergence.ts'
import type { StepDivergedError } from '../train/divergence.ts'
import { epochOrder } from '../train/order.ts'
import { replayTo } from './replay.ts'
import { originOf } from './training.ts'
import type { Training } from './training.ts'

/**
 * The error with the layer where the numbers were lost and the last good checkpoint: training is repeated from there
 * to the step before, and the layers are looked at one by one.
 */
export async function explainDivergence(
  error: StepDivergedError,
  training: Training,
  store: Checkpoints,
  run: string,
  cwd: string,
): Promise<StepDivergedError> {
  const { experiment, engine, task, data } = training
  const { batch_size, shuffle } = experiment.spec.fit
  const from = await store.newest(originOf(training, run), () => undefined)
  const { weights } = await replayTo(error.stepsBefore, training, from)
  const { rows: count } = data.train
  const first = error.step * batch_size
  const order = epochOrder(task.seed, error.epoch, count, shuffle)(first, Math.min(count, first + batch_size))
  const window = await data.train.window(order)
  const rows = pickRows(window.encoded, window.order)
  const where = await firstNonFinite(engine, task, weights, rows, batch_size)
  const place = from && { epoch: from.epoch, step: from.sums.steps }
  return error.with([
    `it starts ${where}`,
    place === undefined
      ? 'there is no checkpoint before it'
      : `the last good checkpoint is ${relative(cwd, store.pathOf(place))}`,
  ])
}
