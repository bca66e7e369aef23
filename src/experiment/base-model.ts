import { errorAt } from '../diagnostic.ts'
import { stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'

import { isKnown } from '../components/unknown-size.ts'
import { NnlabError, RunError } from '../errors.ts'
import { sameShape } from '../ir/ir.ts'
import { whichOf } from '../model/links.ts'
import type { Outline } from '../model/graph.ts'
import { sectionOf, subgraph } from '../model/subgraph.ts'
import type { Weights } from '../model/weights.ts'
import { isMap } from '../registry.ts'
import { BASE_MODEL } from '../run/base.ts'
import { sha256 } from '../sha256.ts'
import { findModel, isOwnModel, loadModel } from '../run/model-files.ts'
import type { SavedModel } from '../run/model-files.ts'
import { baseKey, withBaseLayers } from '../spec/base-layers.ts'
import type { ConfigDocument } from '../spec/document/document.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import { keepBase } from './keep-base.ts'
import { readRegularFile } from '../regular-file.ts'

/** A trained model that another starts from. */
export type BaseModel = {
  /** The absolute path that names it, the SHA-256 of its file, and that file. */
  readonly path: string
  readonly sha256: string
  readonly file: string
  /** The part of it that is taken. */
  readonly model: SavedModel
}

/** Endings of the files of other programs. */
const FOREIGN: ReadonlySet<string> = new Set(['.keras', '.h5', '.hdf5', '.onnx'])

/** A config, and the model that it starts from. */
export type ModelDocument = ConfigDocument & { readonly base?: BaseModel }

/** A copy of a model in the folder of a run, and the path that it was taken from. */
export type KeptModel = { readonly folder: string; readonly path: string; readonly sha256: string }

/** A config with the model that it names, and with the layers that it takes from it; the copy of a run stands for the same path. */
export async function withBase(
  document: ConfigDocument,
  cwd: string,
  kept?: KeptModel,
): Promise<ModelDocument> {
  const section = document.data?.['model']
  const key = baseKey(document)
  if (key === undefined || !isMap(section)) return document
  const written = document.fileOf(['model', key])
  const path = resolve(written === undefined ? cwd : dirname(written), String(section[key]))
  const found = kept?.path === path ? await keptModel(kept) : await readBase(path, key)
  if (key === 'weights') return keepBase(document, found)
  const { until } = section
  const taken = typeof until === 'string' ? [until] : found.model.graph.outputs
  const names = found.model.graph.nodes.map(({ name }) => name)
  if (typeof until === 'string' && !names.includes(until)) {
    const message = `the model in \`from\` has no layer "${until}"`
    const wrong = errorAt('unknown-layer-name', ['model', 'until'], message, whichOf(until, names))
    return { ...document, problems: [...document.problems, document.locate(wrong)] }
  }
  requirePlain(found, taken)
  const base = { ...found, model: partOf(found.model, taken) }
  return keepBase(withBaseLayers(document, base.model.spec.model), base)
}

/** The copy of the model that a run has started from. */
export async function ownBase(folder: string): Promise<BaseModel | undefined> {
  const path = join(folder, BASE_MODEL)
  const found = await stat(path).catch(() => undefined)
  return found && readBase(path, 'from')
}

/**
 * The weights that a model starts with; throws a RunError with all that do not fit. A model that names its layers itself
 * finds each of them in the other. Parameters of unknown shapes are left out.
 */
export function startWeights(
  { nodes }: Outline,
  { weights: key }: Pick<ModelSpec, 'weights'>,
  { path, model }: BaseModel,
): Weights {
  const found = new Map(model.graph.nodes.flatMap((node) => node.parameters).map((one) => [one.id, one]))
  const layers = new Set(model.graph.nodes.map(({ name }) => name))
  const wanted = nodes
    .filter(({ name }) => key !== undefined || layers.has(name))
    .flatMap(({ parameters = [] }) => parameters.filter(({ shape }) => isKnown(shape)))
  const wrong = wanted.flatMap(({ id, shape }) => {
    const there = found.get(id)
    if (there && sameShape(there.shape, shape)) return []
    return [`${id}: wanted ${sizes(shape)}, found ${there ? sizes(there.shape) : 'nothing'}`]
  })
  if (wrong.length > 0) {
    throw new RunError(`the weights of ${path} do not fit the model:`, {
      details: wrong,
      hint: 'layers are found by their names; `model.from` takes layers as they are, up to that in `model.until`',
    })
  }
  return new Map(wanted.map(({ id }) => [id, model.weights.get(id) ?? new Float32Array()]))
}

function sizes(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

async function keptModel({ folder, path, sha256 }: KeptModel): Promise<BaseModel> {
  const file = join(folder, BASE_MODEL)
  return { path, sha256, file, model: await loadModel(file) }
}

async function readBase(path: string, key: 'from' | 'weights'): Promise<BaseModel> {
  try {
    const file = FOREIGN.has(extname(path)) ? path : await findModel(path)
    const isOwn = !FOREIGN.has(extname(file)) && (await isOwnModel(file))
    return {
      path,
      sha256: sha256(await readRegularFile(file)),
      file,
      model: isOwn ? await loadModel(file) : await foreignModel(file),
    }
  } catch (cause) {
    if (!(cause instanceof NnlabError)) throw cause
    const { message, hint } = cause
    throw new RunError(`model.${key}: ${message}`, { hint, cause })
  }
}

/** A model of another program. */
async function foreignModel(file: string): Promise<SavedModel> {
  const { readImported } = await import('../exchange/imported-model.ts')
  return (await readImported(file, file)).saved
}

/** Throws for layers inside models, which have no names of their own. */
function requirePlain({ path, model: { graph } }: BaseModel, taken: readonly string[]): void {
  const inside = subgraph(graph, taken).nodes.find(({ model }) => model !== undefined)
  if (inside === undefined) return
  throw new RunError(
    `model.from: ${path} has a model inside, ${inside.model}, whose layers cannot be taken`,
    {
      hint: 'write the layers, and take the weights alone with `model.weights`',
    },
  )
}

/** The part of a model that some of its layers depend on. */
function partOf({ spec, graph, weights, preprocessing }: SavedModel, outputs: readonly string[]): SavedModel {
  const part = subgraph(graph, outputs)
  const ids = new Set(part.nodes.flatMap((node) => node.parameters).map(({ id }) => id))
  return {
    spec: { ...spec, model: sectionOf(part) },
    graph: part,
    weights: new Map([...weights].filter(([id]) => ids.has(id))),
    preprocessing: {
      ...preprocessing,
      inputs: preprocessing.inputs.filter(({ name }) => part.inputs.some((input) => input.name === name)),
    },
  }
}
