import { isDeepStrictEqual } from 'node:util'

import type { Graph } from '../../src/model/graph.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import { specSchema } from '../../src/spec/schema/spec.ts'
import type { Spec } from '../../src/spec/schema/spec.ts'
import { required } from '../../src/step/step-program.ts'
import { outputTasks } from '../../src/step/task.ts'
import type { RandomSpec } from './random-spec.ts'

/** A section that a spec must have, and no format that is compared reads. */
const NO_DATA = { type: 'inline', inputs: [[0]], targets: [0] }

/** The spec of a random model that is saved under the name `model`. */
export function specOf({ config }: Pick<RandomSpec, 'config'>): Spec {
  return { ...specSchema().parse({ data: NO_DATA, ...config }), name: 'model' }
}

/** A model without its data. */
export type Network = Pick<SavedModel, 'graph' | 'spec' | 'weights'>

/** The parts in which two models differ, up to the names of layers that are used twice. */
export function partsThatDiffer(one: Network, other: Network): string[] {
  const parts = {
    layers: (model: Network) => layersOf(model.graph),
    compile: (model: Network) => compiledOf(model.graph, model.spec),
    weights: valuesOf,
  }
  return Object.entries(parts).flatMap(([name, of]) => (isDeepStrictEqual(of(one), of(other)) ? [] : [name]))
}

/** The layers without their names and links. */
function layersOf({ nodes }: Graph): string[] {
  return nodes.map(({ config }) => JSON.stringify({ ...config, name: undefined, from: undefined })).sort()
}

/** The section `compile` output by output: configs say the same in several ways. */
function compiledOf(graph: Graph, { compile }: Spec): object {
  const { optimizer, ...rest } = compile
  const outputs = outputTasks(graph, rest).map(({ loss, lossWeight, metrics }) => ({
    loss,
    lossWeight,
    metrics: metrics.map(({ config, weighted }) => ({ config, weighted })),
  }))
  return { optimizer, outputs }
}

function valuesOf({ graph, weights }: Network): Map<string, Float32Array> {
  const ids = graph.nodes.flatMap(({ parameters }) => parameters.map(({ id }) => id))
  return new Map(ids.map((id) => [id, required(weights, id)]))
}
