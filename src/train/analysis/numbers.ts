import type { PredictedNumbers } from './predicted-rows.ts'
import { residualsOf } from './residuals.ts'
import type { Residuals } from './residuals.ts'

/** The analysis of an output of numbers. */
export type NumbersAnalysis = {
  readonly name: string
  readonly kind: 'numbers'
  /** One for each column of the target and each step, or one for all of them where they are many. */
  readonly columns: readonly (Residuals & {
    readonly column: string
    /** True and predicted numbers, row by row. */
    readonly truth: Float64Array
    readonly predicted: Float64Array
  })[]
}

/** Maximum numbers of a row that are looked at one by one. */
export const MOST_NUMBERS = 16

export function analyzeNumbers({ state, size, truth, predicted }: PredictedNumbers): NumbersAnalysis {
  const head = { name: state.name, kind: 'numbers' } as const
  if (size > MOST_NUMBERS) {
    return { ...head, columns: [{ column: state.name, truth, predicted, ...residualsOf(truth, predicted) }] }
  }
  const columns = Array.from({ length: size }, (_, k) => {
    const own = { truth: everyNth(truth, size, k), predicted: everyNth(predicted, size, k) }
    return { column: nameOf(state.columns, size, k), ...own, ...residualsOf(own.truth, own.predicted) }
  })
  return { ...head, columns }
}

/** The name of a number of the target: its column, and its step where it has several. */
function nameOf(columns: readonly string[], size: number, at: number): string {
  const column = columns[at % columns.length] ?? ''
  return columns.length >= size ? column : `${column}, step ${Math.floor(at / columns.length) + 1}`
}

export function everyNth(values: Float64Array, size: number, first: number): Float64Array {
  const picked = new Float64Array(values.length / size)
  for (let row = 0; row < picked.length; row++) picked[row] = values[row * size + first] ?? NaN
  return picked
}
