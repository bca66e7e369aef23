import type { OptimizerState } from '../engine/engine.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { weightsSha256 } from '../run/model-files.ts'
import type { OpenedModel } from './model.ts'
import { originOf } from './training.ts'

/** Part of a training state that goes with the weights of a model. */
export type EndedTraining = { readonly optimizer: OptimizerState; readonly factor: number }

/** What the training of a model can go on from: a checkpoint of its run with the same weights, if there is one. */
export async function endedTraining({
  run,
  task,
  weights,
}: Pick<OpenedModel, 'run' | 'task' | 'weights'>): Promise<EndedTraining | undefined> {
  if (run === undefined) return undefined
  const wanted = weightsSha256(task.graph, weights)
  const { folder, record } = run
  const checkpoints = new Checkpoints(folder, record.id)
  // A damaged checkpoint is none: the model is there without it.
  for await (const state of checkpoints.intact(originOf({ task }, record.id), () => undefined)) {
    if (weightsSha256(task.graph, state.weights) === wanted) return state
  }
  return undefined
}
