import type { Graph } from './graph.ts'

/** Layers that take numbers of any size. */
const scaling: ReadonlySet<string> = new Set([
  'rescaling',
  'batch_normalization',
  'layer_normalization',
  'embedding',
])

/** Layers whose numbers are as large as those they take. */
const passing: ReadonlySet<string> = new Set([
  'flatten',
  'reshape',
  'permute',
  'masking',
  'model',
  'dropout',
  'gaussian_noise',
])

/** Tells that the model itself scales an input to numbers near 1, on every path from it. */
export function scalesInput(graph: Graph, name: string): boolean {
  const takers = graph.nodes.filter(({ inputs }) => inputs.includes(name))
  return (
    takers.length > 0 &&
    takers.every(
      ({ name: layer, config }) =>
        scaling.has(config.type) || (passing.has(config.type) && scalesInput(graph, layer)),
    )
  )
}
