// The package's `nnlab/predict` for Node: the same as for browsers (src/runtime/index.ts), with paths beside addresses.

import { resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

import { relaxedSimd } from '../backend/wasm/assembler/features.ts'
import { loadModelWith } from '../runtime/load-model.ts'
import { loadModel as loadFromAddress } from '../runtime/index.ts'
import type { LoadedModel } from '../runtime/index.ts'
import { readRegularFile } from '../regular-file.ts'

export { DataError, openModelFiles, RunError } from '../runtime/index.ts'
export type * from '../runtime/index.ts'

/** Loads a model from the path or the address of a run folder, of its `model` folder or of a model.json. */
export function loadModel(place: string | URL): Promise<LoadedModel> {
  // Node 20 runs relaxed SIMD only where it was switched on before the first module.
  relaxedSimd()
  const text = String(place)
  if (/^https?:/.test(text)) return loadFromAddress(text)
  const path = text.startsWith('file:') ? fileURLToPath(text) : resolve(text)
  return loadModelWith(readBytes, path.replaceAll(sep, '/'))
}

async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await readRegularFile(path))
}
