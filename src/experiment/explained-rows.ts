import type { Cell } from '../runtime/cell.ts'
import { takeRows } from '../table/columns/sample.ts'
import type { ArrayColumn, Table } from '../table/table.ts'
import { hasLabel, namesOfLabels, tellsLabels } from '../train/analysis/labels.ts'
import type { PredictedClasses, PredictedNumbers, PredictedSet } from '../train/analysis/predicted-rows.ts'
import { worstRows } from '../train/analysis/worst-rows.ts'

/** A row that the model is wrong about, as it was read. */
export type ExplainedRow = {
  /** From 1. */
  readonly row: number
  readonly place: string
  readonly error: number
  readonly outputs: readonly ExplainedPrediction[]
  readonly values: Readonly<Record<string, Cell>>
  readonly arrays: readonly Pick<ArrayColumn, 'name' | 'shape' | 'values'>[]
}

export type ExplainedPrediction = {
  readonly name: string
  readonly target: Cell
  readonly prediction: Cell
  /** The probability of the predicted class, and of the true one. */
  readonly probability?: number
  readonly of_target?: number
}

/** Maximum rows that a model is most wrong about. */
export const WORST_ROWS = 10

/** The rows that a model is most wrong about, as they were read. */
export function explainedRows(predicted: PredictedSet, table: Table): ExplainedRow[] {
  return worstRows(predicted, WORST_ROWS).map(({ position, error }) => {
    const source = predicted.sourceRow[position] ?? 0
    const { columns } = takeRows(table, Uint32Array.of(source))
    return {
      row: source + 1,
      place: table.file?.(source) ?? table.place(source),
      error,
      outputs: predicted.outputs.map((output) => explained(output, position)),
      values: Object.fromEntries(
        columns.flatMap(({ kind, name, values }): [string, Cell][] =>
          kind === 'array' ? [] : [[name, values[0]]],
        ),
      ),
      arrays: columns.filter((column) => column.kind === 'array'),
    }
  })
}

/** The prediction for a row, of several steps the first wrong one; the labels that it has; of several numbers the first. */
function explained(output: PredictedClasses | PredictedNumbers, position: number): ExplainedPrediction {
  const { name } = output.state
  if (!('indices' in output)) {
    const at = position * output.size
    if (tellsLabels(output)) return { name, ...labelsAt(output, at) }
    return { name, target: output.truth[at], prediction: output.predicted[at] }
  }
  const { truth, indices, classes, probabilities, steps } = output
  const places = Array.from({ length: steps }, (_, step) => position * steps + step)
  const at = places.find((place) => truth[place] !== indices[place]) ?? position * steps
  const [target = -1, prediction = -1] = [truth[at], indices[at]]
  const shareOf = (index: number): number => probabilities?.[at * classes.length + index] ?? NaN
  return {
    name,
    target: classes[target],
    prediction: classes[prediction],
    ...(probabilities && { probability: shareOf(prediction), of_target: shareOf(target) }),
  }
}

/** The names of the labels that a row has, and of those that are predicted; none is an empty string. */
function labelsAt(output: PredictedNumbers, at: number): { target: string; prediction: string } {
  const names = namesOfLabels(output)
  const shown = (isShown: (value: number) => boolean, values: Float64Array): string =>
    names.filter((_, k) => isShown(values[at + k] ?? NaN)).join(', ')
  return {
    target: shown((given) => given === 1, output.truth),
    prediction: shown(hasLabel, output.predicted),
  }
}
