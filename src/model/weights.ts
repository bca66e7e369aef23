import { initializers } from '../components/initializers/index.ts'
import { stream } from '../random.ts'
import type { Graph } from './graph.ts'

/** By parameter id. */
export type Weights = ReadonlyMap<string, Float32Array>

/** The weights that training starts from: each parameter draws from a stream of its own. */
export function initialWeights(graph: Graph, seed: number): Map<string, Float32Array> {
  return new Map(
    graph.nodes
      .flatMap((node) => node.parameters)
      .map(({ id, shape, initializer }) => [
        id,
        initializers.of(initializer).initialize(shape, stream(seed, `initialize/${id}`), initializer),
      ]),
  )
}
