import type { Graph, GraphNode } from '../../model/graph.ts'

/** A layer as Keras sees it: an input (without a node) or a layer of the graph. */
export type PlacedLayer = { readonly name: string; readonly node?: GraphNode }

/**
 * The inputs, and the layers that the outputs depend on, in the order of `model.layers`: by their distance from the outputs,
 * the farthest first, and by when a depth-first search from the outputs meets them. Keras symbol: keras.src.ops.function.map_graph.
 */
export function kerasOrder({ inputs, nodes, outputs }: Graph): PlacedLayer[] {
  const byName = new Map<string, PlacedLayer>([
    ...inputs.map(({ name }) => [name, { name }] as const),
    ...nodes.map((node) => [node.name, { name: node.name, node }] as const),
  ])
  const met: string[] = []
  const seen = new Set<string>()
  const stack = outputs.toReversed()
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    met.push(name)
    stack.push(...(byName.get(name)?.node?.inputs.toReversed() ?? []))
  }
  const depths = new Map<string, number>(met.map((name) => [name, 0]))
  for (const { name, inputs: sources } of nodes.toReversed()) {
    const depth = depths.get(name)
    if (depth === undefined) continue
    for (const source of sources) depths.set(source, Math.max(depths.get(source) ?? 0, depth + 1))
  }
  const unused = inputs.filter(({ name }) => !depths.has(name)).map(({ name }) => ({ name, index: -1 }))
  return [...unused, ...met.map((name, index) => ({ name, index }))]
    .map(({ name, index }) => ({ layer: byName.get(name) ?? { name }, depth: depths.get(name) ?? 0, index }))
    .sort((a, b) => b.depth - a.depth || a.index - b.index)
    .map(({ layer }) => layer)
}
