import type { ProbedLayer } from '../components/callbacks/probe.ts'
import type { ForwardContext } from '../components/layers/layer.ts'
import { formatPath } from '../diagnostic.ts'
import type { ConfigPath } from '../diagnostic.ts'
import type { Graph, GraphNode, Parameter } from '../model/graph.ts'
import { isMap } from '../registry.ts'

/** The gates of a recurrent layer, and nodes of the graph that compute them. */
export function gatesOf(node: GraphNode): { layer: ProbedLayer; node: GraphNode }[] {
  const { component, config, inputShapes, name } = node
  const gates = component.gates?.(config) ?? []
  return gates.map(({ activation, width, forward: values }, i) => {
    const own = { name: `${name} gates ${i}`, shape: [inputShapes[0]?.[0] ?? 0, width], parameters: [] }
    const forward: GraphNode['component']['forward'] = (context, _config, [x]) => {
      if (x === undefined) throw new Error('a recurrent layer without an input')
      return values(context, x)
    }
    return {
      layer: { ...own, gatesOf: name, isOutput: false, activation },
      node: { ...node, ...own, shares: node.shares ?? name, component: { ...component, forward } },
    }
  })
}

/** The name of a parameter [steps, features] of zeros: its gradient is that to the input of a layer, summed over the rows. */
export const SHIFTS = 'shifts of the steps'

/** A recurrent layer to whose input such a parameter is added; others as they are, and those that share weights. */
export function withShifts(node: GraphNode): GraphNode {
  const { component, name, inputShapes, parameters } = node
  const [shape] = inputShapes
  if (!component.recurrent || shape === undefined || node.shares !== undefined) return node
  const shifts: Parameter = {
    id: `${name}/${SHIFTS}`,
    layer: name,
    name: SHIFTS,
    shape,
    initializer: { type: 'zeros' },
    parts: [],
    trainable: true,
    regularizer: null,
    constraint: null,
  }
  const forward: GraphNode['component']['forward'] = (context, config, [x]) => {
    if (x === undefined) throw new Error('a recurrent layer without an input')
    return component.forward(context, config, [context.b.add(x, context.parameter(SHIFTS))])
  }
  return { ...node, parameters: [...parameters, shifts], component: { ...component, forward } }
}

/** The keys of a config with its components that hold training back: penalties, dropout, weight decay. */
export function restraintsIn(config: Readonly<Record<string, unknown>>, path: ConfigPath): string[] {
  const drops = String(config['type']).includes('dropout')
  return Object.entries(config).flatMap(([key, value]) => {
    const own = [...path, key]
    if (key.endsWith('_regularizer')) return value ? [formatPath(own)] : []
    if (isMap(value)) return restraintsIn(value, own)
    const isShare = key.endsWith('dropout') || key === 'weight_decay' || (drops && key === 'rate')
    return isShare && Number(value) > 0 ? [formatPath(own)] : []
  })
}

/** The graph whose layers compute as in training also where it predicts: with the statistics of the batch. */
export function inTraining(graph: Graph): Graph {
  const asTrained = (context: ForwardContext): ForwardContext => ({
    ...context,
    training: true,
    inner: (prefix) => asTrained(context.inner(prefix)),
  })
  const nodes = graph.nodes.map(({ component, ...node }): GraphNode => ({
    ...node,
    component: {
      ...component,
      forward: (context, config, inputs) => component.forward(asTrained(context), config, inputs),
    },
  }))
  return { ...graph, nodes }
}
