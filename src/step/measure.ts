import { Builder } from '../ir/builder.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Operation, Value } from '../ir/ir.ts'
import { operands } from '../ir/ops/index.ts'
import type { GraphNode } from '../model/graph.ts'
import { buildStep } from './step.ts'
import type { Task } from './task.ts'
import { hasSlots } from './unfrozen.ts'

/** A layer's share of a training step, in numbers. */
export type LayerSize = {
  readonly weights: number
  /** The weights that have slots. */
  readonly trained: number
  /** Results of its operations. */
  readonly values: number
  /** Operands of its operations, those in loops at every step; each may have a gradient of its size. */
  readonly operands: number
}

/** The sizes of the layers in a training step on a batch of some rows. */
export function measure(task: Task, batch: number): ReadonlyMap<GraphNode, LayerSize> {
  const sizes = new Map(
    task.graph.nodes.map((node) => [node, { ...weightsOf(task, node), values: 0, operands: 0 }]),
  )
  let current: GraphNode | undefined
  const nodes = task.graph.nodes.map((node): GraphNode => {
    const forward: typeof node.component.forward = (...given) => {
      current = node
      const value = node.component.forward(...given)
      current = undefined
      return value
    }
    return { ...node, component: { ...node.component, forward } }
  })
  const builder = new WatchedBuilder((value) => {
    const size = current && sizes.get(current)
    if (size === undefined) return
    size.values += sizeOf(value.shape)
    size.operands += operandNumbers(value)
  })
  buildStep({ ...task, graph: { ...task.graph, nodes } }, batch, 'train', builder)
  return sizes
}

function operandNumbers(value: Value): number {
  const own = operands(value).reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  if (value.op !== 'scan') return own
  return value.body.values.reduce((sum, inner) => sum + value.steps * operandNumbers(inner), own)
}

function weightsOf(task: Task, node: GraphNode): { weights: number; trained: number } {
  const total = (parameters: GraphNode['parameters']): number =>
    parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  return {
    weights: total(node.parameters),
    trained: total(node.parameters.filter((parameter) => hasSlots(task, node, parameter))),
  }
}

/** Reports each value. */
class WatchedBuilder extends Builder {
  readonly #watch: (value: Value) => void

  constructor(watch: (value: Value) => void) {
    super()
    this.#watch = watch
  }

  override append(operation: Operation): Value {
    const value = super.append(operation)
    this.#watch(value)
    return value
  }
}
