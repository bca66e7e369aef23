// The package's `nnlab/predict` for browsers and workers: what a saved model needs to predict, and no more.

import { RunError } from '../errors.ts'
import { loadModelWith } from './load-model.ts'
import type { LoadedModel } from './loaded-model.ts'

export { DataError, RunError, UsageError } from '../errors.ts'
export { openModelFiles } from './loaded-model.ts'
export type { RawColumn } from './columns.ts'
export type { LoadedModel, PredictedRow, PredictRowsOptions } from './loaded-model.ts'
export type { Predictions, RowPrediction } from './predictions.ts'
export type { RawRow } from './raw-rows.ts'

/** Loads a model from the address of a run folder, of its `model` folder or of a model.json. */
export function loadModel(place: string | URL): Promise<LoadedModel> {
  return loadModelWith(fetchFile, String(place))
}

async function fetchFile(address: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address)
  if (!response.ok) throw new RunError(`cannot read ${address}: ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}
