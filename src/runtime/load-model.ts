import { RunError } from '../errors.ts'
import { valueOfJson } from '../json.ts'
import { FORWARD_VERSION } from './forward.ts'
import { openModelFiles } from './loaded-model.ts'
import type { LoadedModel, SavedParts } from './loaded-model.ts'

/** Reads a file of a model by its path or address. */
export type ReadModelFile = (place: string) => Promise<Uint8Array<ArrayBuffer>>

/** Loads a model from the folder of a run or of a model, or from its model.json. */
export async function loadModelWith(read: ReadModelFile, place: string): Promise<LoadedModel> {
  const { folder, bytes } = await findModel(read, place)
  const saved = await readSaved(`${folder}model.json`, new TextDecoder().decode(bytes))
  // Awaited together: the failure of one that is awaited later would have no handler.
  const [weights, modules] = await Promise.all([
    readChecked(read, folder + saved.weightsFile, saved.weights_sha256),
    Promise.all(saved.forward.modules.map(({ path, sha256 }) => readChecked(read, folder + path, sha256))),
  ])
  return openModelFiles(saved, weights, modules)
}

/** The bytes of a model.json, and the folder that it is in, with a slash at its end. */
async function findModel(read: ReadModelFile, place: string) {
  if (place.endsWith('.json')) {
    return { folder: place.slice(0, place.lastIndexOf('/') + 1), bytes: await read(place) }
  }
  const root = place === '' || place.endsWith('/') ? place : `${place}/`
  for (const folder of [root, `${root}model/`]) {
    const bytes = await read(`${folder}model.json`).catch(() => undefined)
    if (bytes !== undefined) return { folder, bytes }
  }
  throw new RunError(`there is no model in ${place}`, { hint: 'name a run folder, or a model.json' })
}

type SavedModelJson = SavedParts & { readonly weightsFile: string; readonly weights_sha256: string }

async function readSaved(file: string, text: string): Promise<SavedModelJson> {
  const data = valueOfJson(text)
  const { userDefinedMetadata, ...parts } = fieldsOf(data)
  const { sha256, ...own } = fieldsOf(fieldsOf(userDefinedMetadata)['nnlab'])
  if (typeof sha256 !== 'string') throw new RunError(`${file} is not a model that nnlab saved`)
  await requireSame(file, new TextEncoder().encode(JSON.stringify([parts, own])), sha256)
  const [{ paths = undefined } = {}] = listOf(parts['weightsManifest']).map(fieldsOf)
  const saved = { ...own, weightsFile: listOf(paths)[0] }
  if (isSaved(saved)) return saved
  throw new RunError(`${file} has no compiled forward pass that this version can run`, {
    hint: '`nnlab train --resume` of its run writes the model again, with one',
  })
}

/** Tells a model with a forward pass; its checksum vouches for the rest. */
function isSaved(saved: object): saved is SavedModelJson {
  return 'forward' in saved && fieldsOf(saved.forward)['version'] === FORWARD_VERSION
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

async function readChecked(
  read: ReadModelFile,
  place: string,
  sha256: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await read(place)
  await requireSame(place, bytes, sha256)
  return bytes
}

/** Throws where bytes have another checksum. A page that was not loaded over https has no means to compute it. */
async function requireSame(place: string, bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
  if (!('crypto' in globalThis) || !('subtle' in crypto)) return
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (found !== sha256) throw new RunError(`${place} is damaged: its SHA-256 differs from the saved one`)
}
