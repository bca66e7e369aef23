import { UsageError } from '../errors.ts'
import type { Cell } from './cell.ts'
import { positiveIndex } from './preprocessing.ts'
import type { ClassesState, NumbersState, OutputState } from './preprocessing.ts'
import { undoScaling } from './scaling.ts'

/** Predictions for each row, in the terms of the training data. */
export type Predictions =
  | {
      readonly kind: 'classes'
      readonly name: string
      readonly classes: readonly string[]
      /** [rows * steps] indices into classes, `steps` of them a row; -1 where a number of the output is NaN. */
      readonly indices: Int32Array
      readonly steps: number
      /** [rows * steps, classes]; undefined if the output's numbers are not probabilities. */
      readonly probabilities: Float32Array | Float64Array | undefined
    }
  | {
      readonly kind: 'numbers'
      readonly name: string
      readonly columns: readonly string[]
      /** [rows, size] in the units of the target columns. */
      readonly values: Float32Array | Float64Array
      readonly size: number
    }

/**
 * An output's numbers [rows, ...shape] as labels with probabilities, or as numbers in the target's own units. Where an
 * output of one unit separates two classes, the positive one is predicted above the threshold.
 */
export function decode(state: OutputState, values: Float32Array, threshold?: number): Predictions {
  return state.kind === 'classes' ? decodeClasses(state, values, threshold) : decodeNumbers(state, values)
}

/** True for an output of one unit that is the probability of the positive class. */
function separatesByThreshold({ kind, shape, probabilities }: OutputState): boolean {
  return kind === 'classes' && (shape.at(-1) ?? 1) === 1 && probabilities !== undefined
}

/** Throws for a threshold that is no probability, or that no output has a use for. */
export function requireThreshold(threshold: number, outputs: readonly OutputState[]): void {
  if (!(Number.isFinite(threshold) && threshold >= 0 && threshold <= 1))
    throw new UsageError(`expected a probability from 0 to 1, got ${threshold}`, { option: 'threshold' })
  if (outputs.some(separatesByThreshold)) return
  throw new UsageError('the model has no output of one unit that is a probability', {
    option: 'threshold',
    hint: 'with a unit for each class, the class of the highest probability is predicted; their columns hold the probabilities',
  })
}

function decodeNumbers(state: NumbersState, values: Float32Array): Predictions {
  const { name, columns, shape, scalings } = state
  const size = shape.reduce((product, length) => product * length, 1)
  const numbers = toProbabilities(state, values)
  return { kind: 'numbers', name, columns, values: unscale(numbers, scalings), size }
}

/** Predictions of [rows, ...shape], in the units of the target columns. */
function unscale(predictions: Float32Array, scalings: NumbersState['scalings']): Float32Array | Float64Array {
  if (scalings.length === 0) return predictions
  return Float64Array.from(predictions, (value, i) => undoScaling(scalings[i % scalings.length], value))
}

function decodeClasses(state: ClassesState, values: Float32Array, threshold?: number): Predictions {
  const { name, shape, probabilities } = state
  const units = shape.at(-1) ?? 1
  const steps = shape.slice(0, -1).reduce((product, length) => product * length, 1)
  const shares = toProbabilities(state, values)
  const scores = units === 1 ? bothClasses(state, shares) : shares
  const names = namesOfClasses(state)
  const classes = names.length
  const indices =
    units === 1
      ? Int32Array.from(shares, (share) => eitherClass(state, share, threshold))
      : Int32Array.from({ length: scores.length / classes }, (_, i) =>
          indexOfLargest(scores.subarray(i * classes, (i + 1) * classes)),
        )
  return {
    kind: 'classes',
    name,
    classes: names,
    indices,
    steps,
    probabilities: probabilities && scores,
  }
}

/** The index of the largest number, the first of equal ones; -1 where one is NaN. */
function indexOfLargest(numbers: Float32Array): number {
  let found = 0
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] ?? NaN
    if (Number.isNaN(number)) return -1
    if (number > (numbers[found] ?? NaN)) found = i
  }
  return found
}

/** A name for each class: its label, or its number where the rows of the run have none. */
export function namesOfClasses({ shape, classes }: ClassesState): string[] {
  return Array.from({ length: Math.max(2, shape.at(-1) ?? 1) }, (_, i) => classes[i] ?? String(i))
}

/** The number of an output of one unit above which the positive class is predicted: a probability, or 0 for a margin. */
export function limitOf({ probabilities }: ClassesState, threshold = 0.5): number {
  return probabilities === undefined ? 0 : threshold
}

/** The index of the class for the number of an output of one unit. */
function eitherClass(state: ClassesState, share: number, threshold?: number): number {
  if (Number.isNaN(share)) return -1
  const positive = positiveIndex(state)
  return share > limitOf(state, threshold) ? positive : 1 - positive
}

/** An output's numbers, where they are logits as probabilities. */
function toProbabilities({ shape, probabilities }: OutputState, values: Float32Array): Float32Array {
  if (probabilities === 'sigmoid') return values.map((x) => 1 / (1 + Math.exp(-x)))
  return probabilities === 'softmax' ? softmax(values, shape.at(-1) ?? 1) : values
}

function softmax(values: Float32Array, units: number): Float32Array {
  const shares = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += units) {
    const row = values.subarray(start, start + units)
    const top = row.reduce((largest, x) => Math.max(largest, x), -Infinity)
    const powers = Array.from(row, (x) => Math.exp(x - top))
    const total = powers.reduce((sum, x) => sum + x, 0)
    for (const [i, power] of powers.entries()) shares[start + i] = power / total
  }
  return shares
}

/** Scores of both classes from one unit: the probability of the positive one, or a margin whose sign decides. */
function bothClasses(state: ClassesState, values: Float32Array): Float32Array {
  const whole = state.probabilities === undefined ? 0 : 1
  const positive = positiveIndex(state)
  return Float32Array.from({ length: values.length * 2 }, (_, i) => {
    const own = values[i >> 1] ?? NaN
    return i % 2 === positive ? own : whole - own
  })
}

/** The predicted label or number of a row, or several of them, with the probability of each class. */
export type RowPrediction = {
  readonly prediction: Cell | readonly Cell[]
  readonly probabilities?: Readonly<Record<string, number>>
}

export function predictionOfRow(output: Predictions, row: number): RowPrediction {
  if (output.kind === 'numbers') return { prediction: oneOf(output.values, row, output.size) }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from(indices.subarray(row * steps, (row + 1) * steps), (index) => classes[index])
  if (steps > 1 || probabilities === undefined) return { prediction: steps === 1 ? labels[0] : labels }
  const shares = classes.map((label, k): [string, number] => [
    label,
    probabilities[row * classes.length + k] ?? NaN,
  ])
  return { prediction: labels[0], probabilities: Object.fromEntries(shares) }
}

/** The value of a row, or its values where there are several. */
export function oneOf(values: ArrayLike<Cell>, row: number, size: number): Cell | Cell[] {
  return size === 1 ? values[row] : Array.from({ length: size }, (_, i) => values[row * size + i])
}
