import type { UnseenValues } from '../data/fit/unseen.ts'
import type { PassedColumn } from '../data/prepare/passed-columns.ts'
import type { TrueValues } from '../data/prepare/true-values.ts'
import type { Cell } from '../runtime/cell.ts'
import { oneOf, predictionOfRow } from '../runtime/predictions.ts'
import type { Predictions, RowPrediction } from '../runtime/predictions.ts'

/** Predictions for some rows, by output. */
export type PredictionBatch = {
  /** The folder of the model. */
  readonly model: string
  readonly outputs: readonly Predictions[]
  /** True where they are the numbers of a layer, which stand under its name. */
  readonly layer?: boolean
  /** The row of the source, from 0, of each row. */
  readonly sourceRow: Uint32Array
  /** The file of each row, where they are from several, and the columns that are kept. */
  readonly kept: readonly PassedColumn[]
  /** The targets by output, where the rows have them. */
  readonly targets: ReadonlyMap<string, TrueValues>
  /** Values that training did not see, in all rows of the source. */
  readonly unseen: readonly UnseenValues[]
}

/** The prediction for a row, and its target where that is known. */
export type Prediction = RowPrediction & { readonly target?: Cell | readonly Cell[] }

/** Predictions for a row of the source (from 1): one, or one for each output, by its name. */
export type PredictionRecord = Partial<Prediction> & {
  readonly row: number
  /** Values that training did not see, by column, in rows that have some. */
  readonly unseen?: Readonly<Record<string, string>>
  readonly [output: string]: unknown
}

/** Keys of a record, and titles of csv columns, that no kept column may take. */
export const RECORD_KEYS: readonly string[] = [
  'row',
  'file',
  'prediction',
  'probabilities',
  'target',
  'unseen',
  'run',
]

/** Predictions as plain objects, one a row. */
export function* predictionRecords(batch: PredictionBatch): Generator<PredictionRecord> {
  const { outputs, layer = false, sourceRow, kept, unseen } = batch
  const [only] = outputs
  for (const [i, row] of sourceRow.entries()) {
    const marks = unseenOf(row, unseen)
    const each = (): object =>
      Object.fromEntries(
        outputs.map((output) => {
          const predicted = predictionOf(batch, output, i)
          return [output.name, layer ? predicted.prediction : predicted]
        }),
      )
    const isOne = outputs.length === 1 && only !== undefined && !layer
    const predicted = isOne ? predictionOf(batch, only, i) : each()
    yield {
      row: row + 1,
      ...Object.fromEntries(kept.map(({ name, values }) => [name, values[i] ?? null])),
      ...predicted,
      ...(marks && { unseen: marks }),
    }
  }
}

/** The values of a row that training did not see, by column; undefined where there are none. */
export function unseenOf(row: number, unseen: readonly UnseenValues[]): Record<string, string> | undefined {
  const found = unseen.flatMap(({ column, values }): [string, string][] => {
    const value = values.get(row)
    return value === undefined ? [] : [[column, value]]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

function predictionOf({ targets }: PredictionBatch, output: Predictions, row: number): Prediction {
  const known = targets.get(output.name)
  return {
    ...predictionOfRow(output, row),
    ...(known && { target: oneOf(known.values, row, known.size) }),
  }
}
