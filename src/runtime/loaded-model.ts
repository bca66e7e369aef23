import { rawColumns } from './columns.ts'
import type { RawColumn } from './columns.ts'
import { ForwardPass } from './forward.ts'
import type { SavedForward } from './forward.ts'
import { decode, predictionOfRow, requireThreshold } from './predictions.ts'
import type { Predictions, RowPrediction } from './predictions.ts'
import type { Preprocessing } from './preprocessing.ts'
import { RawRows } from './raw-rows.ts'
import type { RawRow } from './raw-rows.ts'
import { spanOf } from './window.ts'

/** The part of a model.json that predictions need. */
export type SavedParts = { readonly preprocessing: Preprocessing; readonly forward: SavedForward }

/** A model from the contents of its files. */
export async function openModelFiles(
  { preprocessing, forward }: SavedParts,
  weights: Uint8Array,
  modules: readonly Uint8Array<ArrayBuffer>[],
): Promise<LoadedModel> {
  const vectors = forward.inputs.flatMap(({ name, vectors: count }): [string, number][] =>
    count === undefined ? [] : [[name, count]],
  )
  return new LoadedModel(preprocessing, await ForwardPass.open(modules, forward, weights), new Map(vectors))
}

/** The prediction for a row: that of the model's first output, and those of all by their names. */
export type PredictedRow = RowPrediction & {
  readonly outputs: Readonly<Record<string, RowPrediction>>
  /** The row, from 1, that the prediction is for; of a time series, the last one of the window. */
  readonly row: number
  /** Values that training did not see, by column, in rows that have some. */
  readonly unseen?: Readonly<Record<string, string>>
}

export type PredictRowsOptions = {
  /** The probability above which the positive class is predicted, for outputs of one unit; default: 0.5. */
  readonly threshold?: number
}

/** A trained model that predicts. */
export class LoadedModel {
  readonly #preprocessing: Preprocessing
  readonly #forward: ForwardPass
  readonly #rows: RawRows

  constructor(preprocessing: Preprocessing, forward: ForwardPass, vectors: ReadonlyMap<string, number>) {
    this.#preprocessing = preprocessing
    this.#forward = forward
    this.#rows = new RawRows(preprocessing, vectors)
  }

  /** The columns that rows have. */
  get columns(): readonly RawColumn[] {
    return rawColumns(this.#preprocessing)
  }

  /** Rows in succession that a prediction takes: more than one for a time series. */
  get span(): number {
    const { window } = this.#preprocessing
    return window ? spanOf(window) : 1
  }

  /**
   * Predicts for raw rows: what `nnlab predict` does for the same rows in a JSON file. A model of a time series predicts
   * what follows the last rows of each series.
   */
  predict(rows: readonly RawRow[], { threshold }: PredictRowsOptions = {}): PredictedRow[] {
    const { decoded, ends, unseen } = this.#predict(rows, threshold)
    return Array.from(ends, (row, i) => {
      const named = decoded.map((output) => [output.name, predictionOfRow(output, i)] as const)
      const marks = unseen.get(row)
      const first = named[0]?.[1] ?? { prediction: undefined }
      return { ...first, row: row + 1, outputs: Object.fromEntries(named), ...(marks && { unseen: marks }) }
    })
  }

  /** The same as arrays, by output: with the probabilities of every step where an output has several. */
  predictArrays(rows: readonly RawRow[], { threshold }: PredictRowsOptions = {}): readonly Predictions[] {
    return this.#predict(rows, threshold).decoded
  }

  #predict(rows: readonly RawRow[], threshold: number | undefined) {
    const { outputs } = this.#preprocessing
    if (threshold !== undefined) requireThreshold(threshold, outputs)
    const { inputs, ends, unseen } = this.#rows.encode(rows)
    const values = this.#forward.predict(inputs, ends.length)
    const decoded = outputs.map((state) =>
      decode(state, values.get(state.name) ?? new Float32Array(), threshold),
    )
    return { decoded, ends, unseen }
  }
}
