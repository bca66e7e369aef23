import { Readable } from 'node:stream'

import { openModel } from '../experiment/model.ts'
import type { PredictionRecord } from '../experiment/prediction-batch.ts'
import { columnValues, rawColumns } from '../runtime/columns.ts'
import type { RawColumn } from '../runtime/columns.ts'
import type { PredictedRow } from '../runtime/loaded-model.ts'
import { requireThreshold } from '../runtime/predictions.ts'
import { environmentOf } from './environment.ts'
import { predict } from './predict.ts'
import type { PredictOptions } from './predict.ts'
import { loadModel } from './predict-package.ts'

export type PredictorOptions = Omit<PredictOptions, 'rows' | 'from' | 'keep' | 'backtest' | 'stdin'>

/** A model that stays open and predicts as often as it is asked. */
export type Predictor = {
  /** The folder of its run, or its own where it is in none. */
  readonly folder: string
  readonly name: string
  /** The columns that rows have, and the strings that training saw in them. */
  readonly columns: readonly RawColumn[]
  readonly values: ReadonlyMap<string, readonly string[]>
  /** False for a time series, whose rows are predicted from those before them. */
  readonly rowByRow: boolean
  /** The same as `predict` gives for the rows. */
  predict(rows: readonly Readonly<Record<string, unknown>>[]): Promise<PredictionRecord[]>
  predictCsv(text: Uint8Array): Promise<PredictionRecord[]>
}

/** Opens the model of a run folder or a model.json, or of the last plain run of a config. */
export async function openPredictor(options: PredictorOptions): Promise<Predictor> {
  const model = await openModel(options.model, environmentOf(options))
  const { folder, spec, preprocessing } = model
  const own = { ...options, model: folder, onModel: undefined, onNote: undefined }
  const rowByRow = preprocessing.window === undefined
  const { threshold } = options
  if (threshold !== undefined) requireThreshold(threshold, preprocessing.outputs)
  const loaded = await loadModel(folder)
  return {
    folder,
    name: spec.name,
    columns: rawColumns(preprocessing),
    values: columnValues(preprocessing),
    rowByRow,
    predict: async (rows) =>
      Promise.resolve(loaded.predict(rows, threshold === undefined ? {} : { threshold }).map(recordOf)),
    predictCsv: (text) =>
      predict({
        ...own,
        rows: '-',
        from: 'csv',
        stdin: Object.assign(Readable.from([text]), { shownAs: 'csv' }),
      }),
  }
}

/** A prediction as `predict` gives it: under its name for each of several outputs. */
function recordOf({ outputs, unseen, row }: PredictedRow): PredictionRecord {
  const named = Object.values(outputs)
  const predicted = named.length === 1 ? named[0] : outputs
  return { row, ...predicted, ...(unseen && { unseen }) }
}
