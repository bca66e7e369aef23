import { isTrained } from '../model/graph.ts'
import type { GraphNode, Parameter } from '../model/graph.ts'
import type { Task, Unfrozen } from './task.ts'

/** The task in which layers are trained that were frozen before. */
export function withUnfrozen(task: Task, unfrozen: Unfrozen): Task {
  if (unfrozen.size === 0) return task
  const nodes = task.graph.nodes.map((node) =>
    unfrozen.has(node.shares ?? node.name) ? { ...node, config: { ...node.config, trainable: true } } : node,
  )
  return { ...task, graph: { ...task.graph, nodes }, unfrozen }
}

/** The task in which every layer is trained that ever will be. */
export function withAllUnfrozen(task: Task): Task {
  return withUnfrozen(task, new Map(Array.from(task.unfreezes ?? [], (name) => [name, 0])))
}

/** Tells parameters that the optimizer keeps slots for: they are trained, or will be. */
export function hasSlots({ unfreezes }: Task, node: GraphNode, parameter: Parameter): boolean {
  return isTrained(node, parameter) || (parameter.trainable && unfreezes?.has(node.name) === true)
}
