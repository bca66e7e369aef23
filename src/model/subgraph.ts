import type { ModelSpec } from '../spec/schema/model.ts'
import type { Graph, GraphNode } from './graph.ts'

/** The part of a graph that some of its layers depend on, which are its outputs. */
export function subgraph({ inputs, nodes }: Graph, outputs: readonly string[]): Graph {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const needed = new Set(outputs)
  for (const name of needed) {
    const { inputs: sources = [], shares } = byName.get(name) ?? {}
    for (const source of sources) needed.add(source)
    if (shares !== undefined) needed.add(shares)
  }
  return {
    inputs: inputs.filter(({ name }) => needed.has(name)),
    nodes: nodes.filter(({ name }) => needed.has(name)),
    outputs,
  }
}

/** The model section of a graph without models inside, in which every layer says its name and what it takes. */
export function sectionOf({ inputs, nodes, outputs }: Graph): ModelSpec {
  const shapes = Object.fromEntries(inputs.map(({ name, shape }) => [name, [...shape]]))
  const { input, ...others } = shapes
  const isPlain = input !== undefined && Object.keys(others).length === 0
  return {
    ...(isPlain ? { input } : { inputs: shapes }),
    layers: nodes.map((node) => {
      const [first = '', ...rest] = node.inputs
      return { ...layerOf(node), name: node.name, from: rest.length === 0 ? first : [first, ...rest] }
    }),
    outputs: [...outputs],
  }
}

function layerOf({ config, shares }: GraphNode): ModelSpec['layers'][number] {
  return shares === undefined ? config : { type: 'shared', with: shares }
}
