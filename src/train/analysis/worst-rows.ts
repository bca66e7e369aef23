import { squaredDistances } from '../../statistics.ts'
import { hasLabel, tellsLabels } from './labels.ts'
import { everyNth } from './numbers.ts'
import type { PredictedClasses, PredictedNumbers, PredictedSet } from './predicted-rows.ts'

/** A row of a set by its position, and how wrong the predictions for it are. */
export type WorstRow = { readonly position: number; readonly error: number }

/** The smallest probability whose logarithm is taken, as in Keras's losses. */
const EPSILON = 1e-7

/**
 * The rows that the model is most wrong about, the worst first: by the cross-entropy of the true class or labels, or by the
 * absolute error in standard deviations of the target, added up over the outputs. Rows that are right are none of them.
 */
export function worstRows({ outputs, sourceRow }: PredictedSet, most: number): WorstRow[] {
  const errors = new Float64Array(sourceRow.length)
  const isWrong = new Uint8Array(sourceRow.length)
  for (const output of outputs) {
    if ('indices' in output) addClassErrors(output, errors, isWrong)
    else if (tellsLabels(output)) addLabelErrors(output, errors, isWrong)
    else addNumberErrors(output, errors, isWrong)
  }
  const wrong = [...isWrong.keys()].filter((row) => isWrong[row] === 1)
  return wrong
    .toSorted((a, b) => (errors[b] ?? 0) - (errors[a] ?? 0))
    .slice(0, most)
    .map((position) => ({ position, error: errors[position] ?? 0 }))
}

function addClassErrors(
  { truth, indices, probabilities, classes, steps }: PredictedClasses,
  errors: Float64Array,
  isWrong: Uint8Array,
): void {
  for (const [at, index] of truth.entries()) {
    const row = Math.floor(at / steps)
    const share = probabilities?.[at * classes.length + index] ?? Number(indices[at] === index)
    errors[row] = (errors[row] ?? 0) - Math.log(Math.max(EPSILON, share)) / steps
    if (indices[at] !== index) isWrong[row] = 1
  }
}

function addLabelErrors(
  { truth, predicted, size }: PredictedNumbers,
  errors: Float64Array,
  isWrong: Uint8Array,
): void {
  for (const [at, given] of truth.entries()) {
    const row = Math.floor(at / size)
    const probability = predicted[at] ?? NaN
    const share = given === 1 ? probability : 1 - probability
    errors[row] = (errors[row] ?? 0) - Math.log(Math.max(EPSILON, share)) / size
    if (hasLabel(probability) !== (given === 1)) isWrong[row] = 1
  }
}

function addNumberErrors(
  { truth, predicted, size }: PredictedNumbers,
  errors: Float64Array,
  isWrong: Uint8Array,
): void {
  for (let k = 0; k < size; k++) {
    const [own, made] = [everyNth(truth, size, k), everyNth(predicted, size, k)]
    const deviation = Math.sqrt(squaredDistances(own) / own.length) || 1
    for (const [row, value] of own.entries()) {
      const error = Math.abs((made[row] ?? NaN) - value)
      if (!(error > 0)) continue
      errors[row] = (errors[row] ?? 0) + error / deviation / size
      isWrong[row] = 1
    }
  }
}
