import { outputTasks } from '../step/task.ts'
import type { Task } from '../step/task.ts'
import type { ModelPorts } from '../data/fit/model-columns.ts'
import { augmentationsOf } from '../model/augment.ts'
import { vocabulariesOf } from '../model/vocabularies.ts'
import type { SizedExperiment } from './build-experiment.ts'
import { inUpdates } from '../components/schedules/updates.ts'
import { probabilitiesOf } from '../components/losses/index.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import { unfrozenLater } from '../model/freeze.ts'
import type { FitSpec } from '../spec/schema/fit.ts'

/**
 * The task of a config: its model with losses, metrics and optimizer; `fitted` tells how targets are encoded. What does not
 * train needs no `stepsPerEpoch`.
 */
export function taskOf(
  { graph, spec }: Pick<SizedExperiment, 'graph' | 'spec'>,
  fitted?: readonly OutputState[],
  stepsPerEpoch = 1,
): Task {
  return {
    graph,
    outputs: outputTasks(graph, spec.compile, fitted, spec.fit.class_weight),
    optimizer: inUpdates(spec.compile.optimizer, stepsPerEpoch),
    seed: spec.seed,
    parts: spec.fit.parts,
    augment: augmentationsOf(spec.data, graph.inputs),
    unfreezes: unfrozenLater(graph.nodes, spec.fit.callbacks),
  }
}

/** The number of steps of an epoch, from that of the training rows. */
export function stepsOfEpoch({ steps_per_epoch: steps, batch_size: batch }: FitSpec, rows: number): number {
  return steps ?? Math.ceil(rows / batch)
}

/** Inputs and outputs of the model, which rows are encoded for. */
export function portsOf({ graph, outputs }: Pick<Task, 'graph' | 'outputs'>): ModelPorts {
  return {
    inputs: graph.inputs,
    vocabularies: vocabulariesOf(graph),
    outputs: outputs.map(({ name, kind, shape, loss }) => ({
      name,
      kind,
      shape,
      probabilities: probabilitiesOf(loss),
    })),
  }
}
