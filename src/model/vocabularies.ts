import { isConfig } from '../registry.ts'
import type { ComponentConfig } from '../registry.ts'
import type { Graph } from './graph.ts'

/** Layers that pass numbers on as they are. */
const passing: ReadonlySet<string> = new Set([
  'flatten',
  'reshape',
  'permute',
  'masking',
  'repeat_vector',
  'concatenate',
  'model',
  'maximum',
  'minimum',
  'cropping2d',
  'zero_padding2d',
])

/** The number of vectors of the smallest embedding that looks an input up, for each input that one does. */
export function vocabulariesOf(graph: Graph): Map<string, number> {
  const found = graph.inputs.map(({ name }): [string, number] => [name, smallestAfter(graph, name)])
  return new Map(found.filter(([, size]) => size < Infinity))
}

function smallestAfter(graph: Graph, name: string): number {
  const sizes = graph.nodes.flatMap((node) => {
    if (!node.inputs.includes(name)) return []
    const { config } = node
    return passing.has(config.type) ? smallestAfter(graph, node.name) : (vectorsOf(config) ?? [])
  })
  return Math.min(Infinity, ...sizes)
}

/** The vectors of an embedding, or of one that a layer wraps. */
function vectorsOf({ type, input_dim: vectors, layer }: ComponentConfig): number | undefined {
  if (isConfig(layer)) return vectorsOf(layer)
  return type === 'embedding' && typeof vectors === 'number' ? vectors : undefined
}
