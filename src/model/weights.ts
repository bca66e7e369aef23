import { sizeOf } from '../ir/ir.ts'
import { initializers } from '../components/initializers/index.ts'
import { stream } from '../random.ts'
import type { Graph, Parameter } from './graph.ts'

/** By parameter id. */
export type Weights = ReadonlyMap<string, Float32Array>

/** The weights that training starts from: each parameter draws from a stream of its own. */
export function initialWeights(graph: Graph, seed: number): Map<string, Float32Array> {
  return new Map(
    graph.nodes
      .flatMap((node) => node.parameters)
      .map((parameter) => [parameter.id, initialValues(parameter, seed)]),
  )
}

function initialValues({ id, shape, parts }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(shape))
  let offset = 0
  for (const [i, part] of parts.entries()) {
    const source = stream(seed, i === 0 ? `initialize/${id}` : `initialize/${id}/${i}`)
    values.set(initializers.of(part.initializer).initialize(part.shape, source, part.initializer), offset)
    offset += sizeOf(part.shape)
  }
  return values
}
