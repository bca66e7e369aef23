import type { ClassesState, NumbersState, OutputState } from './preprocessing.ts'
import { undoScaling } from './scaling.ts'

/** Predictions for each row, in the terms of the training data. */
export type Predictions =
  | {
      readonly kind: 'classes'
      readonly name: string
      readonly classes: readonly string[]
      /** [rows * steps] indices into classes, `steps` of them a row. */
      readonly indices: Int32Array
      readonly steps: number
      /** [rows * steps, classes]; undefined if the output's numbers are not probabilities. */
      readonly probabilities: Float32Array | undefined
    }
  | {
      readonly kind: 'numbers'
      readonly name: string
      readonly columns: readonly string[]
      /** [rows, size] in the units of the target columns. */
      readonly values: Float32Array
      readonly size: number
    }

/** The loss of an output: its type and options. */
type ScoredOutput = { readonly loss: Readonly<Record<string, unknown>> }

/** An output's numbers [rows, ...shape] as labels with probabilities, or as numbers in the target's own units. */
export function decode(output: ScoredOutput, state: OutputState, values: Float32Array): Predictions {
  return state.kind === 'classes'
    ? decodeClasses(output, state, values)
    : decodeNumbers(output, state, values)
}

/** The activation that makes an output's numbers probabilities; undefined unless its loss takes logits. */
export function activationOfLogits(loss: ScoredOutput['loss']): 'sigmoid' | 'softmax' | undefined {
  if (loss['from_logits'] !== true) return undefined
  return String(loss['type']).startsWith('binary_') ? 'sigmoid' : 'softmax'
}

function decodeNumbers(output: ScoredOutput, state: NumbersState, values: Float32Array): Predictions {
  const size = state.shape.reduce((product, length) => product * length, 1)
  const numbers = withoutLogits(output, state.shape.at(-1) ?? 1, values)
  return { kind: 'numbers', name: state.name, columns: state.columns, values: unscale(state, numbers), size }
}

/** Predictions of [rows, ...shape], in the units of the target columns. */
function unscale({ scalings }: NumbersState, predictions: Float32Array): Float32Array {
  if (scalings.length === 0) return predictions
  return predictions.map((value, i) => undoScaling(scalings[i % scalings.length], value))
}

function decodeClasses(output: ScoredOutput, state: ClassesState, values: Float32Array): Predictions {
  const units = state.shape.at(-1) ?? 1
  const steps = state.shape.slice(0, -1).reduce((product, length) => product * length, 1)
  const shares = comparesProbabilities(output.loss) ? withoutLogits(output, units, values) : undefined
  const scores = units === 1 ? bothClasses(output, shares ?? values) : (shares ?? values)
  const classes = Math.max(2, units)
  const indices = Int32Array.from({ length: scores.length / classes }, (_, i) => {
    const row = scores.subarray(i * classes, (i + 1) * classes)
    return row.indexOf(Math.max(...row))
  })
  const names = Array.from({ length: classes }, (_, i) => state.classes[i] ?? String(i))
  return {
    kind: 'classes',
    name: state.name,
    classes: names,
    indices,
    steps,
    probabilities: shares === undefined ? undefined : scores,
  }
}

/** An output's numbers, as probabilities where its loss takes logits. */
function withoutLogits({ loss }: ScoredOutput, units: number, values: Float32Array): Float32Array {
  const activation = activationOfLogits(loss)
  if (activation === undefined) return values
  if (activation === 'sigmoid') return values.map((x) => 1 / (1 + Math.exp(-x)))
  const shares = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += units) {
    const row = values.subarray(start, start + units)
    const top = Math.max(...row)
    const powers = Array.from(row, (x) => Math.exp(x - top))
    const total = powers.reduce((sum, x) => sum + x, 0)
    for (const [i, power] of powers.entries()) shares[start + i] = power / total
  }
  return shares
}

/** Scores of both classes from one unit: the probability of the second, or a margin whose sign decides. */
function bothClasses({ loss }: ScoredOutput, values: Float32Array): Float32Array {
  const middle = comparesProbabilities(loss) ? 1 : 0
  return Float32Array.from({ length: values.length * 2 }, (_, i) => {
    const second = values[i >> 1] ?? NaN
    return i % 2 === 1 ? second : middle - second
  })
}

/** Losses that take logits too compare probabilities; others, such as hinge, compare margins. */
function comparesProbabilities(loss: ScoredOutput['loss']): boolean {
  return typeof loss['from_logits'] === 'boolean'
}
