import type { TargetSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { NumbersState } from '../../runtime/preprocessing.ts'
import { applyScaling } from '../../runtime/scaling.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import type { EncodedTarget } from '../rows/encoded-rows.ts'
import { notFinite } from './encode.ts'
import { describedPort, targetElements, targetWidth } from './target.ts'
import type { OutputPort } from './target.ts'
import { channelsOf, configOf, startFit } from './transform.ts'

/** Fits the scaling of a target of numbers on the training rows and checks that its columns, of each of its steps, fill the output. */
export function fitNumericTarget(
  table: Table,
  rows: Uint32Array,
  port: OutputPort,
  { columns, scale }: TargetSelection,
  steps: number,
): NumbersState {
  const width = targetWidth(table, columns)
  const size = sizeOf(port.shape)
  if (width * steps !== size) {
    throw new DataError(
      `${table.name}: the model's output ${quote(port.name)} has ${counted(size, 'number')} per row (shape [${port.shape.join(', ')}]), ` +
        `but its target has ${steps === 1 ? '' : `${steps} times `}${width}: ${list(columns)}`,
      { hint: 'for classes, use a loss that compares classes, such as categorical_crossentropy' },
    )
  }
  const other = channelsOf(configOf(scale)).find((given) => given !== width)
  if (other !== undefined) {
    throw new DataError(
      `${table.name}: data.target.scale has ${counted(other, 'number')}, but the target has ${width}: ${list(columns)}`,
    )
  }
  const fits = Array.from({ length: width }, (_, i) => startFit(scale, i)).filter((fit) => fit !== undefined)
  for (const block of fits.length > 0 ? blocksWith(table, rows) : []) {
    const elements = targetElements(block.table, columns)
    for (const [i, fit] of fits.entries()) {
      for (const row of block.rows) fit.add(Number(elements[i]?.at(row)))
    }
  }
  const ofEachStep = <T>(values: readonly T[]): T[] => Array.from({ length: steps }, () => values).flat()
  const sample = firstTarget(table, rows, columns)
  return {
    kind: 'numbers',
    ...describedPort(port),
    columns,
    scalings: ofEachStep(fits.map((fit) => fit.scaling())),
    ...(sample && { sample: ofEachStep(sample) }),
  }
}

/** The target of the first row; undefined where it is not finite numbers. */
function firstTarget(table: Table, rows: Uint32Array, columns: readonly string[]): number[] | undefined {
  for (const block of blocksWith(table, rows.subarray(0, 1))) {
    const values = targetElements(block.table, columns).map(({ at }) => Number(at(block.rows[0] ?? 0)))
    if (values.every(Number.isFinite)) return values
  }
  return undefined
}

/** Tells numbers from 0 to 1 that are no labels, because some lie between. */
export function isSoft(table: Table, rows: Uint32Array, columns: readonly string[]): boolean {
  let between = false
  for (const block of blocksWith(table, rows)) {
    for (const { at } of targetElements(block.table, columns)) {
      for (const row of block.rows) {
        const value = at(row)
        if (typeof value === 'string' || !(value >= 0 && value <= 1)) return false
        between ||= !Number.isInteger(value)
      }
    }
  }
  return between
}

/** The numbers of the target rows, of which there are several for each row of the model where it has steps. */
export function encodeNumericTarget(table: Table, rows: Uint32Array, output: NumbersState): EncodedTarget {
  const elements = targetElements(table, output.columns)
  const data = new Float32Array(rows.length * elements.length)
  for (const [i, { column, at }] of elements.entries()) {
    for (const [index, row] of rows.entries()) {
      const value = at(row)
      if (typeof value === 'string') {
        throw new DataError(
          `${table.place(row)}: column ${quote(column.name)} holds strings such as ${quote(value)}, but the output ${quote(output.name)} is trained on numbers`,
          { hint: 'for classes, use a loss that compares classes, such as categorical_crossentropy' },
        )
      }
      const encoded = Math.fround(applyScaling(output.scalings[i], value))
      if (!Number.isFinite(encoded)) throw notFinite(table, row, column, value)
      data[index * elements.length + i] = encoded
    }
  }
  return { kind: 'numbers', name: output.name, shape: output.shape, data }
}
