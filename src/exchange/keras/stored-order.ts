// The order of weights before Keras 3: those of a layer that are trained, then the others; of a model, those of all its layers.
import { RunError } from '../../errors.ts'
import { sameShape, sizeOf } from '../../ir/ir.ts'
import { isTrained } from '../../model/graph.ts'
import type { GraphNode, Parameter } from '../../model/graph.ts'
import type { Hdf5Numbers } from './hdf5-reader.ts'
import type { StoredName } from './read-network.ts'

/** The parameters of a layer of a file, or of all layers of a model in it; `prefix` begins the names of the graph. */
export function storedParameters(
  layer: StoredName,
  nodes: ReadonlyMap<string, GraphNode>,
  prefix = '',
): Parameter[] {
  const all = parametersOf(layer, nodes, prefix)
  const [trained, others] = [true, false].map((wanted) => all.filter((one) => one.trained === wanted))
  return [...(trained ?? []), ...(others ?? [])].map(({ parameter }) => parameter)
}

function parametersOf(
  { name, layers }: StoredName,
  nodes: ReadonlyMap<string, GraphNode>,
  prefix: string,
): { readonly parameter: Parameter; readonly trained: boolean }[] {
  if (layers) return layers.flatMap((inner) => parametersOf(inner, nodes, `${prefix}${name}/`))
  const node = nodes.get(`${prefix}${name}`)
  return (node?.parameters ?? []).map((parameter) => ({
    parameter,
    trained: node !== undefined && isTrained(node, parameter),
  }))
}

/** An array of a file, if it is there, and its place. */
export type StoredArray = { readonly place: string; readonly found: Hdf5Numbers | undefined }

/** Gives arrays to the parameters of a layer, one after the other; takes down what does not fit. */
export function assign(
  parameters: readonly Parameter[],
  arrays: readonly StoredArray[],
  weights: Map<string, Float32Array>,
  wrong: string[],
): void {
  for (const [i, { id, shape }] of parameters.entries()) {
    const { place = 'the file', found } = arrays[i] ?? {}
    if (found && sameShape(found.shape, shape)) weights.set(id, found.data)
    // One number for all elements.
    else if (found?.shape.length === 0)
      weights.set(id, new Float32Array(sizeOf(shape)).fill(found.data[0] ?? NaN))
    else
      wrong.push(
        `${id} [${shape.join(', ')}]: ${found ? `[${found.shape.join(', ')}]` : 'nothing'} in ${place}`,
      )
  }
}

/** Throws where weights do not fit the layers. */
export function requireFitting(name: string, wrong: readonly string[]): void {
  if (wrong.length > 0) throw new RunError(`${name}: its weights do not fit its layers`, { details: wrong })
}
