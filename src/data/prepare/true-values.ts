import { sizeOf } from '../../ir/ir.ts'
import type { Cell } from '../../runtime/cell.ts'
import { placeIn } from '../../runtime/encodings/categories.ts'
import { labelsOf } from '../../runtime/preprocessing.ts'
import type { OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { columnNamed, elementsOf, findColumn } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { inOrder } from '../rows/in-order.ts'
import type { NewRows } from './new-rows.ts'
import { present } from './passed-columns.ts'

/** The targets of some rows for an output, [rows * size]: labels of classes, or numbers as they were read; undefined where they are missing. */
export type TrueValues = { readonly size: number; readonly values: readonly Cell[] }

/**
 * The outputs whose targets some of the new rows have, none for the last windows: what follows them is not known. Images
 * in a folder that is no class, and an empty column, are rows without targets.
 */
export function knownOutputs(
  { table, rows }: Pick<NewRows, 'table' | 'rows'>,
  { inputs, outputs, window }: Preprocessing,
): OutputState[] {
  if (window)
    return rows.whole?.targetRows
      ? outputs.filter(({ columns }) => columns.every((name) => columnNamed(table, name)))
      : []
  const features = new Set(inputs.flatMap((input) => input.features.map(({ column }) => column)))
  return outputs.filter((output) => {
    const { columns } = output
    if (columns.some((name) => features.has(name) || !columnNamed(table, name))) return false
    const width = columns.reduce((sum, name) => sum + elementsOf(findColumn(table, name, 'a target')), 0)
    return width === widthOf(output) && hasValues(table, output)
  })
}

/**
 * Targets of some rows, which ascend where the table is on disk, for an output of `knownOutputs`. A target of several steps
 * of a series has as many of the rows.
 */
export function trueValues(table: Table, rows: Uint32Array, output: OutputState, steps = 1): TrueValues {
  const shown = readerOf(output)
  const values = Array.from(cellsOf(table, rows, output), (cells) => shown(cells)).flat()
  return { size: (values.length * steps) / Math.max(1, rows.length), values }
}

/** The number of cells of a row's target. */
function widthOf(output: OutputState): number {
  return output.kind === 'classes' && output.form === 'labels'
    ? sizeOf(output.shape.slice(0, -1))
    : sizeOf(output.shape)
}

function hasValues(table: Table, output: OutputState): boolean {
  const classes = output.kind === 'classes' ? new Set<Cell>(output.classes) : undefined
  const shown = readerOf(output)
  for (const cells of cellsOf(table, inOrder(0, table.rows), output)) {
    if (shown(cells).some((value) => (classes ? classes.has(value) : value !== undefined))) return true
  }
  return false
}

/** The cells of each row's target. */
function* cellsOf(table: Table, rows: Uint32Array, { columns }: OutputState): Generator<Cell[]> {
  for (const block of blocksWith(table, rows)) {
    const parts = columns.map((name) => findColumn(block.table, name, 'a target'))
    for (const row of block.rows) {
      yield parts.flatMap((column) => {
        const width = elementsOf(column)
        return Array.from({ length: width }, (_, i) => present(column.values[row * width + i]))
      })
    }
  }
}

/** Returns what reads the cells of a row's target: labels by the names of their classes, also from one-hot vectors. */
function readerOf(output: OutputState): (cells: readonly Cell[]) => readonly Cell[] {
  if (output.kind === 'numbers') return (cells) => cells
  const { classes, form } = output
  const placeOf = placeIn(labelsOf(output))
  if (form === 'labels') {
    const labelOf = (text: string): string => classes[placeOf(text) ?? -1] ?? text
    return (cells) => cells.map((cell) => (cell === undefined ? cell : labelOf(String(cell))))
  }
  const units = output.shape.at(-1) ?? 1
  return (cells) =>
    Array.from({ length: cells.length / units }, (_, step) => {
      const vector = cells.slice(step * units, (step + 1) * units)
      return classes[vector.indexOf(1)]
    })
}
