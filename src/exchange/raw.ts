// Predictions of raw rows, as `nnlab predict` names them: for formats that take the fitted transforms along.
import type { Shape } from '../ir/ir.ts'
import type { RawColumn } from '../runtime/columns.ts'
import { decode } from '../runtime/predictions.ts'
import type { Predictions } from '../runtime/predictions.ts'
import type { Feature, OutputState, Preprocessing } from '../runtime/preprocessing.ts'
import { spanOf } from '../runtime/window.ts'
import type { ProgramOutput } from './program.ts'

/** A result for each row: the labels of an output, the probabilities of its classes, or its numbers in the target's units. */
export type RawResult = {
  readonly name: string
  readonly holds: 'labels' | 'probabilities' | 'numbers'
  /** The shape of a row. */
  readonly shape: Shape
  readonly output: OutputState
}

/** The shape of what a prediction takes of a column: that of a row, or the rows of a window. */
export function shapePerPrediction({ kind, shape }: RawColumn, { window }: Preprocessing): Shape {
  if (!window) return shape
  return [spanOf(window), ...(kind === 'array' ? shape : [])]
}

/** A fraction of its spread that a number is off at most as a float32, or the column takes float64. */
const MOST_ROUNDING = 2 ** -18
const FLOAT32_ROUNDING = 2 ** -24

/** The columns whose numbers are so far from 0 beside their spread that float32 would round them too much. */
export function farColumns({ inputs }: Preprocessing): ReadonlySet<string> {
  return new Set(inputs.flatMap(({ features }) => features.filter(isFar).map(({ column }) => column)))
}

function isFar(feature: Feature): boolean {
  if (feature.kind !== 'number' || !feature.scaling) return false
  const { subtract, multiply } = feature.scaling
  return Math.abs(subtract * multiply) * FLOAT32_ROUNDING > MOST_ROUNDING
}

/** The results of a model; where it has several outputs, their names come first, as in `price.prediction`. */
export function rawResults({ outputs }: Preprocessing): RawResult[] {
  return outputs.flatMap((output): RawResult[] => {
    const named = (name: string): string => (outputs.length === 1 ? name : `${output.name}.${name}`)
    const { shape, kind } = output
    if (kind === 'numbers') return [{ name: named('prediction'), holds: 'numbers', shape, output }]
    const [steps, units] = [shape.slice(0, -1), shape.at(-1) ?? 1]
    const labels = { name: named('prediction'), holds: 'labels', shape: steps, output } as const
    if (output.probabilities === undefined) return [labels]
    const scores = [...steps, Math.max(2, units)]
    return [labels, { name: named('probabilities'), holds: 'probabilities', shape: scores, output }]
  })
}

/** The values of a result for rows of the numbers of its output. */
export function valuesOfResult({ holds, output }: RawResult, numbers: Float32Array): ProgramOutput {
  const predicted = decode(output, numbers)
  return holds === 'probabilities' ? probabilitiesIn(predicted) : valuesOfPredictions(predicted)
}

/** Labels, or numbers. */
export function valuesOfPredictions(predicted: Predictions): ProgramOutput {
  return predicted.kind === 'numbers'
    ? Float32Array.from(predicted.values)
    : Array.from(predicted.indices, (index) => predicted.classes[index] ?? '')
}

export function probabilitiesIn(predicted: Predictions): Float32Array {
  return Float32Array.from((predicted.kind === 'classes' && predicted.probabilities) || [])
}
