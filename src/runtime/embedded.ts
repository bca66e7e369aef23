// The script of an exported web page: a model whose files are in the script itself, so that nothing is fetched.

import { openModelFiles } from './loaded-model.ts'
import type { LoadedModel, SavedParts } from './loaded-model.ts'

/** A model as a script holds it; bytes are in base64. */
export type EmbeddedModel = SavedParts & {
  readonly weights: string
  readonly modules: readonly string[]
}

/** Opens the model of a script. */
export function open({ weights, modules, ...saved }: EmbeddedModel): Promise<LoadedModel> {
  return openModelFiles(saved, fromBase64(weights), modules.map(fromBase64))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}
