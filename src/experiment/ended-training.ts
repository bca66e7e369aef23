import type { OptimizerState } from '../engine/engine.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { weightsSha256 } from '../run/model-files.ts'
import type { OpenedModel } from './model.ts'
import { originOf } from './training.ts'

/** The optimizer at the end of a training, and the factor on its learning rate. */
export type EndedTraining = { readonly optimizer: OptimizerState; readonly factor: number }

/** The end of the training of a model: the checkpoint of its run that has the same weights, if there is one. */
export async function endedTraining({
  folder,
  record,
  task,
  weights,
}: OpenedModel): Promise<EndedTraining | undefined> {
  if (record === undefined) return undefined
  const wanted = weightsSha256(task.graph, weights)
  const checkpoints = new Checkpoints(folder, record.id)
  // A damaged checkpoint is none: the model is there without it.
  for await (const state of checkpoints.intact(originOf({ task }, record.id), () => undefined)) {
    if (weightsSha256(task.graph, state.weights) === wanted) return state
  }
  return undefined
}
