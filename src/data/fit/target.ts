import { DataError } from '../../errors.ts'
import type { ToProbabilities } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'

/** An output of the model, with the shape of its targets. */
export type OutputPort = {
  name: string
  shape: readonly number[]
  /** Absent where its numbers are no probabilities. */
  probabilities?: ToProbabilities | undefined
}

/** The parts of a port that are saved. */
export function describedPort({ name, shape, probabilities }: OutputPort): OutputPort {
  return { name, shape, ...(probabilities && { probabilities }) }
}

/** An output of several steps of a series as one of them: targets of steps are encoded one by one. */
export function stepOf<O extends OutputPort>(output: O, steps: number): O {
  const { name, shape } = output
  if (steps === 1) return output
  if (shape[0] === steps) return { ...output, shape: shape.slice(1) }
  throw new DataError(
    `data.window.target_steps is ${steps}, but the model's output ${quote(name)} has the shape [${shape.join(', ')}]: expected [${steps}, classes]`,
  )
}

/** One element of every row's target: a number or a label. */
export type TargetElement = { column: Column; at(row: number): number | string }

/** Count of the elements of a target. */
export function targetWidth(table: Table, columns: readonly string[]): number {
  return columns.reduce((width, name) => width + elementsOf(findColumn(table, name, 'data.target')), 0)
}

/** The elements of a target in order: one for a plain column, more for a column of arrays. */
export function targetElements(table: Table, columns: readonly string[]): TargetElement[] {
  return columns.flatMap((name) => {
    const column = findColumn(table, name, 'data.target')
    const width = elementsOf(column)
    const values = column.kind === 'string' ? column.values : numbersOf(table, column, 'a target')
    return Array.from({ length: width }, (_, i) => ({ column, at: (row) => values[row * width + i] ?? NaN }))
  })
}

/** The different elements of the targets of some rows. */
export function distinctLabels(
  table: Table,
  rows: Uint32Array,
  columns: readonly string[],
): Set<number | string> {
  const labels = new Set<number | string>()
  for (const block of blocksWith(table, rows)) {
    for (const { at } of targetElements(block.table, columns))
      for (const row of block.rows) labels.add(at(row))
  }
  return labels
}
