import type { UnseenValues } from '../data/fit/unseen.ts'
import type { PassedColumn } from '../data/prepare/passed-columns.ts'
import type { TrueValues } from '../data/prepare/true-values.ts'
import type { Cell } from '../runtime/cell.ts'
import type { Predictions } from '../runtime/predictions.ts'

/** Predictions for some rows, by output. */
export type PredictionBatch = {
  /** The folder of the model. */
  readonly model: string
  readonly outputs: readonly Predictions[]
  /** The row of the source, from 0, of each row. */
  readonly sourceRow: Uint32Array
  /** The file of each row, where they are from several, and the columns that are kept. */
  readonly kept: readonly PassedColumn[]
  /** The targets by output, where the rows have them. */
  readonly targets: ReadonlyMap<string, TrueValues>
  /** Values that training did not see, in all rows of the source. */
  readonly unseen: readonly UnseenValues[]
}

/** The predicted label or number of a row, or several of them, with the probability of each class, and the target. */
export type Prediction = {
  readonly prediction: Cell | readonly Cell[]
  readonly probabilities?: Readonly<Record<string, number>>
  readonly target?: Cell | readonly Cell[]
}

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
  const { outputs, sourceRow, kept, unseen } = batch
  const [only] = outputs
  for (const [i, row] of sourceRow.entries()) {
    const marks = unseenOf(row, unseen)
    const each = (): object =>
      Object.fromEntries(outputs.map((output) => [output.name, predictionOf(batch, output, i)]))
    const predicted = outputs.length === 1 && only !== undefined ? predictionOf(batch, only, i) : each()
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
  const target = known && { target: oneOf(known.values, row, known.size) }
  if (output.kind === 'numbers') return { prediction: oneOf(output.values, row, output.size), ...target }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from(indices.subarray(row * steps, (row + 1) * steps), (index) => classes[index])
  if (steps > 1 || probabilities === undefined)
    return { prediction: steps === 1 ? labels[0] : labels, ...target }
  const shares = classes.map((label, k): [string, number] => [
    label,
    probabilities[row * classes.length + k] ?? NaN,
  ])
  return { prediction: labels[0], probabilities: Object.fromEntries(shares), ...target }
}

/** The value of a row, or its values where there are several. */
function oneOf(values: ArrayLike<Cell>, row: number, size: number): Cell | Cell[] {
  return size === 1 ? values[row] : Array.from({ length: size }, (_, i) => values[row * size + i])
}
