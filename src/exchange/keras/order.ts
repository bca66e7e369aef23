import type { Graph, GraphNode } from '../../model/graph.ts'
import type { TensorReference } from './tensors.ts'

/** A layer as Keras sees it. */
export type KerasLayer = {
  /** In the model that it is part of. */
  readonly name: string
  /** The layer that owns its parameters; undefined for an input. */
  readonly node?: GraphNode
  /** It and the layers that share its weights, in an order in which each takes what those before it yield. */
  readonly calls: readonly GraphNode[]
  /** The layers of a model inside the model. */
  readonly model?: KerasModel
}

/** A model, or one inside another, in Keras's order. */
export type KerasModel = {
  /** The inputs by name, and the names that the graph has for what they are given. */
  readonly inputs: ReadonlyMap<string, string>
  readonly layers: readonly KerasLayer[]
  /** By the names that the model itself has for them. */
  readonly outputs: readonly string[]
  /** The tensor of a name, as the model itself has it. */
  tensorOf(name: string): TensorReference
  /** The same in the graph. */
  inGraph(name: string): string
}

/**
 * The inputs, and the layers that the outputs depend on, in the order of `model.layers`: by their distance from the outputs,
 * the farthest first, and by when a depth-first search from the outputs meets them. Keras symbol: keras.src.ops.function.map_graph.
 */
export function kerasOrder(graph: Graph): KerasModel {
  return modelIn(graph, '', new Map(graph.inputs.map(({ name }) => [name, name])), graph.outputs)
}

/** `prefix` begins the names that the graph has for the layers of this model. */
function modelIn(
  graph: Graph,
  prefix: string,
  inputs: ReadonlyMap<string, string>,
  outputs: readonly string[],
): KerasModel {
  const inGraph = (name: string): string => inputs.get(name) ?? `${prefix}${name}`
  const own = new Map(
    graph.nodes
      .filter(({ model = '' }) => model === prefix.slice(0, -1))
      .map((node) => [node.name.slice(prefix.length), node]),
  )
  /** The layer of a name, which may go on with that of a layer inside it. */
  const layerOf = (name: string): string => name.split('/', 1)[0] ?? name
  const ownerOf = (name: string): string => own.get(name)?.shares?.slice(prefix.length) ?? name
  const { calls, order } = mapGraph(
    [...inputs.keys()],
    outputs.map(layerOf),
    (name) => (own.get(name)?.from ?? []).map(layerOf),
    ownerOf,
  )
  const inOrder = [...own.keys()].filter((name) => calls.has(name))
  const taken = [...outputs, ...inOrder.flatMap((name) => own.get(name)?.from ?? [])]
  const callsOf = (owner: string): string[] => inOrder.filter((name) => ownerOf(name) === owner)
  const innerOf = (owner: string): string[] => [
    ...new Set([
      (own.get(owner)?.inputs[0] ?? '').slice(prefix.length + owner.length + 1),
      ...taken.filter((name) => name.includes('/') && ownerOf(layerOf(name)) === owner).map(insideName),
    ]),
  ]
  const layers = order.map((name): KerasLayer => {
    const node = own.get(name)
    const layer = { name, calls: callsOf(name).flatMap((call) => own.get(call) ?? []) }
    if (node?.config.type !== 'model') return { ...layer, ...(node && { node }) }
    const names = innerInputs(node)
    const given = new Map(names.map((input, i) => [input, inGraph(node.from[i] ?? '')]))
    return { ...layer, node, model: modelIn(graph, `${node.name}/`, given, innerOf(name)) }
  })
  return {
    inputs,
    layers,
    outputs,
    inGraph,
    tensorOf(name) {
      const call = layerOf(name)
      const layer = ownerOf(call)
      const tensor = name === call ? 0 : innerOf(layer).indexOf(insideName(name))
      return { layer, call: Math.max(0, callsOf(layer).indexOf(call)), tensor }
    },
  }
}

function insideName(name: string): string {
  return name.slice(name.indexOf('/') + 1)
}

function innerInputs({ config: { inputs } }: GraphNode): readonly string[] {
  return Array.isArray(inputs) ? inputs.map(String) : ['input']
}

/** The calls that the outputs depend on, and the layers that they are calls of, in Keras's order. */
export function mapGraph(
  inputs: readonly string[],
  outputs: readonly string[],
  sourcesOf: (call: string) => readonly string[],
  layerOf: (call: string) => string,
): { readonly calls: ReadonlySet<string>; readonly order: readonly string[] } {
  const { finished, met } = search(outputs, sourcesOf, layerOf)
  const depthOfCall = new Map<string, number>()
  const depthOfLayer = new Map<string, number>()
  for (const call of finished.toReversed()) {
    const layer = layerOf(call)
    const depth = Math.max(depthOfCall.get(call) ?? 0, depthOfLayer.get(layer) ?? 0)
    depthOfLayer.set(layer, depth)
    for (const source of sourcesOf(call))
      depthOfCall.set(source, Math.max(depthOfCall.get(source) ?? 0, depth + 1))
  }
  const unused = inputs.filter((name) => !depthOfLayer.has(name)).map((name) => ({ name, index: -1 }))
  const order = [...unused, ...met.map((name, index) => ({ name, index }))]
    .map((one) => ({ ...one, depth: depthOfLayer.get(one.name) ?? 0 }))
    .sort((a, b) => b.depth - a.depth || a.index - b.index)
    .map(({ name }) => name)
  return { calls: new Set(finished), order }
}

/** A depth-first search: calls after all that they take, layers as they are met. */
function search(
  outputs: readonly string[],
  sourcesOf: (call: string) => readonly string[],
  layerOf: (call: string) => string,
): { readonly finished: readonly string[]; readonly met: readonly string[] } {
  const finished: string[] = []
  const met = new Set<string>()
  const seen = new Set<string>()
  for (const output of outputs) {
    const trail: { call: string; next: number }[] = []
    const enter = (call: string): void => {
      if (seen.has(call)) return
      seen.add(call)
      met.add(layerOf(call))
      trail.push({ call, next: 0 })
    }
    enter(output)
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const source = sourcesOf(step.call)[step.next++]
      if (source !== undefined) enter(source)
      else {
        finished.push(step.call)
        trail.pop()
      }
    }
  }
  return { finished, met: [...met] }
}
