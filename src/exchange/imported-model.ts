import { DataError, RunError } from '../errors.ts'
import { buildGraph } from '../model/build.ts'
import type { Graph } from '../model/graph.ts'
import type { SavedModel } from '../run/model-files.ts'
import { PREPROCESSING_VERSION } from '../runtime/preprocessing.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { specSchema } from '../spec/schema/spec.ts'
import type { Spec } from '../spec/schema/spec.ts'
import type { ForeignModel, ReadModel } from './foreign-model.ts'
import { writtenModel } from './imported-config.ts'
import { readForeign } from './read-foreign.ts'

/** A model of another program, as its file describes it and as nnlab saves it. */
export type ImportedFile = Pick<ForeignModel, 'model' | 'check'> & { readonly saved: SavedModel }

/** Reads a model of another program; messages call its file by its name. */
export async function readImported(path: string, name: string): Promise<ImportedFile> {
  try {
    return await readWhole(path, name)
  } catch (cause) {
    if (cause instanceof DataError) throw new RunError(`${name} is damaged: ${cause.message}`, { cause })
    // Lengths of arrays, and the depth of calls, follow what a file says.
    if (!(cause instanceof RangeError)) throw cause
    throw new RunError(`${name} is nested too deeply, or larger than memory: ${cause.message}`, { cause })
  }
}

async function readWhole(path: string, name: string): Promise<ImportedFile> {
  const refused: string[] = []
  const file = await readForeign(path, name, (what) => void refused.push(what))
  if (refused.length > 0)
    throw new RunError(`${name} holds what nnlab does not have:`, {
      details: [...new Set(refused)],
      hint: 'leave these out of the model or replace them, where it was made, and save it again',
    })
  const { graph, spec } = networkOf(name, file.model)
  const saved = { graph, spec, weights: file.weights(graph), preprocessing: preprocessingOf(graph) }
  return { ...file, saved }
}

/** The network that a file describes; of its data it says nothing. */
function networkOf(path: string, model: ReadModel): { graph: Graph; spec: Spec } {
  const data = { type: 'jsonl', path: 'rows.jsonl', target: 'target' }
  const compile = model.compile ?? { loss: 'mean_squared_error' }
  const { name, inputs } = model
  const parsed = specSchema().safeParse({
    name,
    data,
    model: { ...writtenModel(model), input: undefined, inputs },
    compile,
  })
  if (!parsed.success) {
    const details = parsed.error.issues.map(({ path: key, message }) => `${placeOf(key, model)}: ${message}`)
    throw new RunError(`${path} holds options that nnlab does not take:`, { details })
  }
  const spec = { ...parsed.data, name }
  const { graph, problems } = buildGraph(spec.model)
  if (graph) return { graph, spec }
  const details = problems.map(({ path: key, message }) => `${placeOf(key, model)}: ${message}`)
  throw new RunError(`${path} holds a network that nnlab does not take:`, { details })
}

/** The place of a key: a layer by its name. */
function placeOf(key: readonly PropertyKey[], { network }: ReadModel): string {
  const [section, list, at, ...options] = key.map(String)
  const layer = section === 'model' && list === 'layers' ? network.layers[Number(at)] : undefined
  return layer ? [`layer ${layer.name}`, ...options].join(': ') : key.join('.')
}

/** Rows are arrays under the names of the inputs; predictions are the numbers of the outputs. */
function preprocessingOf({ inputs, outputs, nodes }: Graph): Preprocessing {
  return {
    version: PREPROCESSING_VERSION,
    inputs: inputs.map(({ name, shape }) => ({
      name,
      shape,
      features: [{ kind: 'array', column: name, shape, scalings: [] }],
    })),
    outputs: outputs.map((name) => ({
      kind: 'numbers',
      name,
      shape: nodes.find((node) => node.name === name)?.shape ?? [],
      columns: [name],
      scalings: [],
    })),
    missing: 'error',
  }
}
