import type { ForwardContext } from '../components/layers/layer.ts'
import type { Builder } from '../ir/builder.ts'
import type { Value } from '../ir/ir.ts'
import type { Graph, GraphNode } from '../model/graph.ts'
import { required } from './step-program.ts'

/** The results of a forward pass. */
export type Forward = {
  /** By output name, [batch, ...]. */
  readonly outputs: ReadonlyMap<string, Value>
  /** By output name, f32 [batch, steps], where the output is masked. */
  readonly masks: ReadonlyMap<string, Value>
  /** Scalar penalties that layers add to the loss. */
  readonly penalties: readonly Value[]
  /** New values of parameters that training assigns, by id. */
  readonly assigned: ReadonlyMap<string, Value>
}

export type ForwardInputs = {
  /** By the graph's input names, [batch, ...]. */
  readonly inputs: ReadonlyMap<string, Value>
  /** By parameter id. */
  readonly parameters: ReadonlyMap<string, Value>
  readonly training: boolean
  /** The i32 scalar that random streams count with. */
  readonly counter: Value
}

/** Lowers a graph's layers to tensor operations. */
export function buildForward(b: Builder, graph: Graph, given: ForwardInputs): Forward {
  const values = new Map(given.inputs)
  const masks = new Map<string, Value | undefined>()
  const penalties: Value[] = []
  const assigned = new Map<string, Value>()

  const contextOf = (node: GraphNode, prefix: string): ForwardContext => ({
    b,
    training: given.training,
    trainable: node.config['trainable'] !== false,
    parameter: (name) => {
      const id = `${node.shares ?? node.name}/${prefix}${name}`
      // A layer that is applied twice sees what it assigned the first time.
      return assigned.get(id) ?? required(given.parameters, id)
    },
    assign: (name, value) => void assigned.set(`${node.shares ?? node.name}/${prefix}${name}`, value),
    uniform: (purpose, shape) => b.random(`${purpose}/${node.name}/${prefix}`, given.counter, shape),
    masks: node.inputs.map((input) => masks.get(input)),
    setMask: (mask) => void masks.set(node.name, mask),
    penalize: (penalty) => void penalties.push(penalty),
    inner: (inner) => contextOf(node, `${prefix}${inner}/`),
  })

  for (const node of graph.nodes) {
    if (node.component.masking === 'pass') masks.set(node.name, masks.get(node.inputs[0] ?? ''))
    const inputs = node.inputs.map((input) => required(values, input))
    values.set(node.name, node.component.forward(contextOf(node, ''), node.config, inputs))
  }
  const kept = graph.outputs.flatMap((name) => {
    const mask = masks.get(name)
    return mask === undefined ? [] : [[name, mask] as const]
  })
  return {
    outputs: new Map(graph.outputs.map((name) => [name, required(values, name)])),
    masks: new Map(kept),
    penalties,
    assigned,
  }
}
