import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { bytesOf, float32Of } from '../bytes-of.ts'
import { probabilitiesOf } from '../components/losses/index.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { RunError } from '../errors.ts'
import { buildGraph } from '../model/build.ts'
import type { Graph } from '../model/graph.ts'
import { modelTopology } from '../model/topology.ts'
import type { Weights } from '../model/weights.ts'
import { lossOf } from '../spec/schema/per-output.ts'
import { specSchema } from '../spec/schema/spec.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { writeFilesAtomic } from './atomic.ts'
import type { FileSystem } from './files.ts'
import { forwardNames } from './forward-names.ts'
import type { ForwardFiles } from './forward-files.ts'
import { readJson } from '../json.ts'
import { sha256 } from '../sha256.ts'
import { noModel } from './no-model.ts'
import { FORMAT, NUMERICS, requireFormat } from './versions.ts'
import { readRegularFile } from '../regular-file.ts'

const MODEL = 'model.json'
const WEIGHTS = 'weights.bin'
/** Names of the files of a model. */
export const MODEL_FILES: readonly string[] = [MODEL, WEIGHTS, ...Object.values(forwardNames)]
/** Limit for reading into memory: more than any model.json has. */
const MOST_MODEL_BYTES = 2 ** 28

/** A trained model with everything that evaluation and prediction need. */
export type SavedModel = {
  readonly spec: Spec
  readonly graph: Graph
  readonly weights: Weights
  readonly preprocessing: Preprocessing
}

/** Writes a model and its compiled forward pass to a folder; returns what it uses that plain TensorFlow.js lacks. */
export async function saveModel(
  folder: string,
  model: SavedModel,
  disk?: FileSystem,
): Promise<readonly string[]> {
  const { files, unsupported } = await compiledModelFiles(model)
  await writeFilesAtomic(folder, files, disk)
  return unsupported
}

/** The same as `modelFiles`, with the compiled forward pass. */
export async function compiledModelFiles(model: SavedModel): Promise<ModelFiles> {
  const { forwardFiles } = await import('./forward-files.ts')
  return modelFiles(model, (parameters) => forwardFiles(model, parameters))
}

/** The files of a model by their names, and what it uses that plain TensorFlow.js lacks. */
export type ModelFiles = {
  readonly files: ReadonlyMap<string, string | Uint8Array>
  readonly unsupported: readonly string[]
}

/**
 * A TensorFlow.js LayersModel (model.json and weights.bin), and what it uses that plain TensorFlow.js lacks. `compile` makes
 * the forward pass, for weights in the order of these parameters.
 */
export function modelFiles(
  { spec, graph, weights, preprocessing }: SavedModel,
  compile?: (parameters: readonly string[]) => ForwardFiles | undefined,
): ModelFiles {
  const { topology, weights: order, unsupported } = modelTopology(graph, spec.name)
  const blocks = order.map(({ parameter }) => {
    const data = weights.get(parameter)
    if (data === undefined) throw new Error(`no weights for ${parameter}`)
    return bytesOf(data)
  })
  const bytes = Buffer.concat(blocks)
  const parts = {
    modelTopology: topology,
    format: 'layers-model',
    generatedBy: 'nnlab',
    convertedBy: null,
    weightsManifest: [
      { paths: [WEIGHTS], weights: order.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
  }
  const parameters = order.map(({ parameter }) => parameter)
  const forward = compile?.(parameters)
  const own = {
    format: FORMAT,
    numerics: NUMERICS,
    spec,
    preprocessing,
    parameters,
    weights_sha256: sha256(bytes),
    ...(forward && { forward: forward.saved }),
  }
  const nnlab = { ...own, sha256: contentSha256(parts, own) }
  const files = new Map<string, string | Uint8Array>([
    [WEIGHTS, bytes],
    [MODEL, JSON.stringify({ ...parts, userDefinedMetadata: { nnlab } })],
    ...(forward?.files ?? []),
  ])
  return { files, unsupported }
}

/** SHA-256, in hex, of the weights in the order of the model file. */
export function weightsSha256(graph: Graph, weights: Weights): string {
  const hash = createHash('sha256')
  for (const node of graph.nodes) for (const { id } of node.parameters) hash.update(weights.get(id) ?? '')
  return hash.digest('hex')
}

/** Reads a model from its folder, its model.json or a run folder; checks every size and the checksums. */
export async function loadModel(path: string): Promise<SavedModel> {
  const { ModelFile, Sealed } = await import('./model-schema.ts')
  const file = await findModel(path)
  const data = await readModelJson(file)
  const sealed = Sealed.safeParse(data)
  if (!sealed.success) {
    throw new RunError(`${file} is not a model that nnlab saved`, {
      hint: 'name a run folder, or the model.json in it',
    })
  }
  const { userDefinedMetadata, ...parts } = sealed.data
  requireFormat(file, userDefinedMetadata.nnlab.format ?? 0)
  const { sha256: wantedSha256, ...own } = userDefinedMetadata.nnlab
  const parsed = ModelFile.safeParse(data)
  if (!parsed.success || contentSha256(parts, own) !== wantedSha256) {
    throw new RunError(`${file} is damaged: checksum mismatch (SHA-256)`, {
      hint: 'the file was changed; `nnlab train --resume` writes the model of a run again',
    })
  }
  const {
    spec: raw,
    preprocessing: saved,
    parameters,
    weights_sha256,
  } = parsed.data.userDefinedMetadata.nnlab
  const checked = specSchema().safeParse(raw)
  if (!checked.success) throw new RunError(`${file}: its config is damaged or of another version`)
  const spec: Spec = { ...checked.data, name: checked.data.name ?? basename(dirname(file)) }
  // Older models do not say what makes probabilities of an output's numbers: its loss does.
  const preprocessing = {
    ...saved,
    outputs: saved.outputs.map((output) => ({
      ...output,
      probabilities: output.probabilities ?? probabilitiesOf(lossOf(spec.compile, output.name)),
    })),
  }
  const { graph } = buildGraph(spec.model)
  if (graph === undefined) throw new RunError(`${file}: its network cannot be built`)

  const binary = join(dirname(file), basename(parsed.data.weightsManifest[0].paths[0]))
  const weights = await readWeights(file, binary, graph, parameters, weights_sha256)
  return { spec, graph, weights, preprocessing }
}

/** The weights in the file that a model.json names: those of the parameters one after the other. */
async function readWeights(
  file: string,
  binary: string,
  graph: Graph,
  parameters: readonly string[],
  wantedSha256: string,
): Promise<Weights> {
  const known = new Map(
    graph.nodes.flatMap((node) => node.parameters).map((parameter) => [parameter.id, parameter]),
  )
  const sizes = parameters.map((id) => sizeOf(known.get(id)?.shape ?? [0]))
  const wanted = 4 * sizes.reduce((total, size) => total + size, 0)
  const size = await stat(binary).then(
    (found) => found.size,
    (cause: unknown) => {
      throw new RunError(`cannot read ${binary}, which ${file} names`, { cause })
    },
  )
  if (parameters.length !== known.size || size !== wanted) {
    throw new RunError(`${binary} has ${size} bytes, but the network has ${wanted}`, {
      hint: 'the file was cut off or belongs to another model',
    })
  }
  const bytes = await readRegularFile(binary)
  if (sha256(bytes) !== wantedSha256)
    throw new RunError(`${binary} is damaged: its SHA-256 differs from the one in ${file}`, {
      hint: '`nnlab train --resume` writes the model of a run again',
    })
  const weights = new Map<string, Float32Array>()
  let offset = 0
  for (const [i, id] of parameters.entries()) {
    const end = offset + 4 * (sizes[i] ?? 0)
    weights.set(id, float32Of(bytes.subarray(offset, end)))
    offset = end
  }
  return weights
}

/** The model.json that a path leads to: itself, that of a model's folder or that of a run. */
export async function findModel(path: string): Promise<string> {
  for (const candidate of [path, join(path, MODEL), join(path, 'model', MODEL)]) {
    const found = await stat(candidate).catch(() => undefined)
    if (found?.isFile()) return candidate
  }
  throw await noModel(path, join('model', MODEL))
}

/** True for a model.json that nnlab saved; those of TensorFlow.js lack what it saves beside the layers. */
export async function isOwnModel(file: string): Promise<boolean> {
  const { Sealed } = await import('./model-schema.ts')
  return Sealed.safeParse(await readModelJson(file)).success
}

/** SHA-256 of everything in a model.json but its layout as text. */
function contentSha256(parts: object, own: object): string {
  return sha256(JSON.stringify([parts, own]))
}

async function readModelJson(file: string): Promise<unknown> {
  const { size } = await stat(file)
  if (size > MOST_MODEL_BYTES) throw new RunError(`${file} is too large for a model.json: ${size} bytes`)
  return readJson((await readRegularFile(file)).toString('utf8'), file)
}
