import { DataError } from '../../errors.ts'
import { mapFloat32 } from '../../float-arrays.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { OutputState } from '../../runtime/preprocessing.ts'
import { mean } from '../../statistics.ts'
import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import type { OutputPort } from './target.ts'
import type { TableRows } from './window.ts'

/**
 * The steps of the rows of each output, where they have weights of their own: a row has as many numbers, or the target of a
 * window as many rows. Steps without an axis of their own in some output share one weight.
 */
export function weightsOfSteps(
  table: Table,
  ports: readonly OutputPort[],
  columns: readonly string[],
  targetSteps: number,
): Pick<OutputState, 'weights'>[] {
  const width = numbersIn(table, columns)
  const isShared = width === 1 && (targetSteps === 1 || ports.some(({ shape }) => shape.length === 1))
  return ports.map(({ name, shape }) => {
    const weights = shape.slice(0, -1)
    if (isShared) return {}
    if (sizeOf(weights) === width * targetSteps) return { weights }
    const steps = sizeOf(weights) / targetSteps
    throw new DataError(
      `${table.name}: ${weightsText(columns, width)}, but the model's output ${quote(name)} has the shape [${shape.join(', ')}]: ` +
        `expected ${steps === 1 ? 'one' : `one, or one for each of ${steps} steps`}`,
    )
  })
}

/** The weights of the rows, or of their steps one after the other; a window whose steps share one has the mean of theirs. */
export function encodeWeights(
  table: Table,
  { rows, targets = rows }: TableRows,
  columns: readonly string[],
  [output]: readonly OutputState[],
): Float32Array {
  const width = numbersIn(table, columns)
  const targetSteps = targets.length / Math.max(1, rows.length)
  const trained = sizeOf(output?.weights ?? [])
  const isShared = trained === 1 && width === 1
  if (!isShared && width * targetSteps !== trained) {
    throw new DataError(
      `${table.name}: ${weightsText(columns, width)}, but the model was trained with ${trained}`,
    )
  }
  const weights = new Float32Array(targets.length * width)
  let offset = 0
  for (const name of columns) {
    const column = findColumn(table, name, 'data.sample_weight')
    const values = numbersOf(table, column, 'data.sample_weight')
    const size = elementsOf(column)
    for (const [i, row] of targets.entries()) {
      for (let k = 0; k < size; k++) {
        const weight = values[row * size + k] ?? NaN
        if (!(weight >= 0 && Number.isFinite(Math.fround(weight)))) {
          throw new DataError(
            `${table.place(row)}: ${weight} in ${quote(name)} is not a sample weight: expected 0 or more`,
          )
        }
        weights[i * width + offset + k] = weight
      }
    }
    offset += size
  }
  return isShared && targetSteps > 1 ? means(weights, targetSteps) : weights
}

/** Numbers that the columns have in a row. */
function numbersIn(table: Table, columns: readonly string[]): number {
  return columns.reduce((sum, name) => sum + elementsOf(findColumn(table, name, 'data.sample_weight')), 0)
}

/** The mean of each `size` numbers. */
function means(numbers: Float32Array, size: number): Float32Array {
  return mapFloat32({ length: numbers.length / size }, (_, i) =>
    mean(numbers.subarray(i * size, (i + 1) * size)),
  )
}

function weightsText(columns: readonly string[], width: number): string {
  const [name = ''] = columns
  const subject = columns.length === 1 ? `the column ${quote(name)} has` : `the columns ${list(columns)} have`
  return `${subject} ${counted(width, 'sample weight')} a row`
}
