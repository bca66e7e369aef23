import type { ModelSpec } from '../spec/schema/model.ts'
import type { Graph } from './graph.ts'

/** The part of a graph that some of its layers depend on, which are its outputs. */
export function subgraph({ inputs, nodes }: Graph, outputs: readonly string[]): Graph {
  const needed = new Set(outputs)
  for (const node of nodes.toReversed())
    if (needed.has(node.name)) for (const source of node.inputs) needed.add(source)
  return {
    inputs: inputs.filter(({ name }) => needed.has(name)),
    nodes: nodes.filter(({ name }) => needed.has(name)),
    outputs,
  }
}

/** The model section of a graph, in which every layer says its name and what it takes. */
export function sectionOf({ inputs, nodes, outputs }: Graph): ModelSpec {
  const shapes = Object.fromEntries(inputs.map(({ name, shape }) => [name, [...shape]]))
  const { input, ...others } = shapes
  const isPlain = input !== undefined && Object.keys(others).length === 0
  return {
    ...(isPlain ? { input } : { inputs: shapes }),
    layers: nodes.map(({ name, config, inputs: [first = '', ...rest] }) => ({
      ...config,
      name,
      from: rest.length === 0 ? first : [first, ...rest],
    })),
    outputs: [...outputs],
  }
}
