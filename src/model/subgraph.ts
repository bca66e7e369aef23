import type { ModelSpec } from '../spec/schema/model.ts'
import type { Graph } from './graph.ts'

/** The part of a graph that some of its layers depend on, which are its outputs; a model in it is whole. */
export function subgraph({ inputs, nodes }: Graph, outputs: readonly string[]): Graph {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const needed = new Set(outputs)
  for (const name of needed) {
    const node = byName.get(name)
    if (node === undefined) continue
    const inside = node.config.type === 'model' ? nodes.filter(({ model }) => model === name) : []
    const others = [node.shares, node.model].filter((one) => one !== undefined)
    for (const one of [...node.inputs, ...others, ...inside.map((inner) => inner.name)]) needed.add(one)
  }
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
    layers: nodes
      .filter(({ model }) => model === undefined)
      .map(({ name, config, shares, from: [first = '', ...rest] }) => ({
        ...(shares === undefined ? config : { type: 'shared', with: shares }),
        name,
        from: rest.length === 0 ? first : [first, ...rest],
      })),
    outputs: [...outputs],
  }
}
