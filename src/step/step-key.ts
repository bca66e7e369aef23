import { jsonKey } from '../json.ts'
import { fixedRate } from './learning-rate.ts'
import type { StepMode } from './step.ts'
import type { Task } from './task.ts'

/** A text that is the same for tasks whose steps are the same, but for seeds and learning rates, which are data of a step. */
export function stepKey({ seed: _, optimizer, graph, ...task }: Task, mode: StepMode, batch: number): string {
  const updated = fixedRate(optimizer) === undefined ? optimizer : { ...optimizer, learning_rate: 0 }
  // The component of a layer is named by the type in its config.
  const nodes = graph.nodes.map(({ component: _component, ...node }) => node)
  return jsonKey([mode, batch, { ...graph, nodes }, task, mode === 'train' && updated])
}
