import * as z from 'zod'

import type { Missing } from '../../components/sources/options/missing.ts'
import type { Window } from '../../components/sources/options/window.ts'
import { fillNumber, missingOptions } from '../../components/transforms/missing.ts'
import type { Fill } from '../../components/transforms/missing.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { encodingOf } from '../../runtime/encodings/index.ts'
import type { EncodedFeature, Feature, InputState, NumberFeature } from '../../runtime/preprocessing.ts'
import { widthOf } from '../../runtime/replay.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { blocksOf, blocksWith } from '../../table/columns/blocks.ts'
import type { Block } from '../../table/columns/blocks.ts'
import { findColumn, numbersOf } from '../../table/table.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'
import type { ColumnEncoding, InputSelection } from './selection.ts'
import { transformOf } from './transform.ts'
import type { Transform } from './transform.ts'

/** An input of the model; without a shape it takes what its features give. */
export type InputPort = { name: string; shape?: readonly number[] }

/** The columns that an input selects; `taken` are those with another role. */
export function featureColumns(
  table: Table,
  selection: InputSelection,
  taken: ReadonlySet<string>,
): Column[] {
  if (selection.columns) {
    const wantedBy = selection.name === undefined ? 'data.features.columns' : `data.inputs.${selection.name}`
    return selection.columns.map((name) => findColumn(table, name, wantedBy))
  }
  const excluded = new Set(
    selection.exclude.map((name) => findColumn(table, name, 'data.features.exclude').name),
  )
  const columns = table.columns.filter((column) => !taken.has(column.name) && !excluded.has(column.name))
  if (columns.length === 0) throw new DataError(`${table.name}: there is no column left for the features`)
  return columns
}

type Fitting = { encoding: ColumnEncoding; missing: Missing; window?: Window | undefined }

/** Fits one input's transforms on the training rows and checks that the columns fill the input. */
export function fitInput(
  table: Table,
  rows: Uint32Array,
  port: InputPort,
  columns: readonly Column[],
  { encoding, missing, window }: Fitting,
): InputState {
  const features = columns.map((column): Feature => {
    const transform = transformOf(column, encoding)
    if (transform.component.kind === 'encoding') return fitEncoding(table, rows, column, transform)
    if (column.kind !== 'array') return fitNumbers(table, rows, column, transform, missing)
    const scalings = fitArray(table, rows, column, transform)
    return { kind: 'array', column: column.name, shape: [...column.shape], scalings }
  })
  const input = { name: port.name, shape: [...(port.shape ?? shapeOf(features, window))], features }
  checkShape(table, input, window)
  return input
}

function fitEncoding(
  table: Table,
  rows: Uint32Array,
  column: Column,
  { component, config }: Transform,
): EncodedFeature {
  if (column.kind !== 'string' || component.kind !== 'encoding') {
    throw new DataError(
      `${table.name}: data.features.transforms: ${config.type} takes texts, but the column ${quote(column.name)} holds ${column.kind}s`,
    )
  }
  const { name } = column
  const texts = function* (): Iterable<string> {
    for (const block of blocksWith(table, rows)) {
      const found = findColumn(block.table, name, 'data.features')
      const values = found.kind === 'string' ? found.values : []
      for (const row of block.rows) yield values[row] ?? ''
    }
  }
  return { kind: 'encoded', column: name, ...component.fit(texts(), config) }
}

const MissingNumbers = z.object(missingOptions())

function fitNumbers(
  table: Table,
  rows: Uint32Array,
  column: Column,
  { component, config }: Transform,
  missing: Missing,
): NumberFeature {
  if (column.kind === 'string') numbersOf(table, column, 'a feature')
  const own = MissingNumbers.parse(config)
  const filling = own.missing ?? fillOf(missing)
  const fill = filling === undefined ? undefined : fillFor(table, rows, column, filling)
  const indicator =
    own.indicator || (typeof missing === 'object' && missing.indicator && lacksValues(table, column))
  if (indicator && fill === undefined) {
    throw new DataError(
      `data.features.transforms.${column.name}: an indicator goes with a number to put in for a missing one`,
      { hint: 'set missing: mean, median or {constant: 0} beside it' },
    )
  }
  const fit = component.kind === 'scaling' ? component.fit(config) : undefined
  if (fit) {
    for (const block of blocksWith(table, rows)) {
      const values = valuesIn(block, column)
      for (const row of block.rows) {
        const value = values[row] ?? NaN
        fit.add(Number.isNaN(value) && fill !== undefined ? fill : value)
      }
    }
  }
  return {
    kind: 'number',
    column: column.name,
    ...(fill !== undefined && { fill }),
    ...(indicator && { indicator }),
    ...(fit && { scaling: fit.scaling() }),
  }
}

/** The numbers of a column in a block. */
function valuesIn({ table }: Block, { name }: Column): ArrayLike<number> {
  return numbersOf(table, findColumn(table, name, 'data.features'), 'a feature')
}

function lacksValues(table: Table, column: Column): boolean {
  for (const block of blocksOf(table)) {
    const values = valuesIn(block, column)
    for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) return true
  }
  return false
}

/** What the config puts in for missing numbers of all columns. */
function fillOf(missing: Missing): Fill | undefined {
  if (typeof missing === 'object') {
    const { constant, fill } = missing
    return constant === undefined ? fill : { constant }
  }
  return missing === 'mean' || missing === 'median' ? missing : undefined
}

function fillFor(table: Table, rows: Uint32Array, column: Column, filling: Fill): number {
  const numbers = new Float64Array(rows.length)
  let count = 0
  for (const block of blocksWith(table, rows)) {
    const values = valuesIn(block, column)
    for (const row of block.rows) {
      const value = values[row] ?? NaN
      if (!Number.isNaN(value)) numbers[count++] = value
    }
  }
  const fill = fillNumber(filling, numbers.subarray(0, count))
  if (fill !== undefined) return fill
  throw new DataError(
    `${table.name}: column ${quote(column.name)} has no value in the training split to take the ${typeof filling === 'string' ? filling : 'constant'} of`,
  )
}

/** Vectors are scaled element by element, like columns; images and series as a whole. */
function fitArray(
  table: Table,
  rows: Uint32Array,
  column: ArrayColumn,
  { component, config }: Transform,
): FittedScaling[] {
  const size = sizeOf(column.shape)
  const isFixed = component.type === 'divide'
  const isVector = column.shape.length <= 1 && !isFixed
  const fits = Array.from({ length: isVector ? size : 1 }, () =>
    component.kind === 'scaling' ? component.fit(config) : undefined,
  )
  if (!isFixed && fits[0]) {
    for (const block of blocksWith(table, rows)) {
      const values = valuesIn(block, column)
      for (const row of block.rows) {
        for (let i = 0; i < size; i++) fits[isVector ? i : 0]?.add(values[row * size + i] ?? NaN)
      }
    }
  }
  return fits.flatMap((fit) => (fit ? [fit.scaling()] : []))
}

function shapeOf(features: readonly Feature[], window: Window | undefined): readonly number[] {
  const [first, ...others] = features
  if (first?.kind === 'array' && others.length === 0 && !window) return first.shape
  const width = features.reduce((sum, feature) => sum + widthOf(feature), 0)
  return window ? [window.steps, width] : [width]
}

function checkShape(table: Table, { name, shape, features }: InputState, window: Window | undefined): void {
  const width = features.reduce((sum, feature) => sum + widthOf(feature), 0)
  const [first] = features
  const size = width * (window?.steps ?? 1)
  const fits =
    features.length === 1 && first?.kind === 'array' && !window
      ? sameLayout(first.shape, shape)
      : size === sizeOf(shape)
  if (fits) return
  const parts = features.map((feature) => {
    if (feature.kind === 'encoded') return `${feature.column} (${encodingOf(feature).title})`
    return feature.kind === 'array'
      ? `${feature.column} of shape [${feature.shape.join(', ')}]`
      : `${feature.column}${feature.indicator ? ' (with an indicator)' : ''}`
  })
  const given = window ? `${width} in each of ${window.steps} steps` : String(width)
  throw new DataError(
    `${table.name}: the model's input ${quote(name)} takes ${counted(sizeOf(shape), 'number')} a row (shape [${shape.join(', ')}]), ` +
      `but the features give ${given}: ${list(parts)}`,
    {
      hint: window
        ? `change the model's input to [${window.steps}, ${width}], or choose columns with data.features.columns or data.features.exclude`
        : "change the model's input shape, or choose columns with data.features.columns or data.features.exclude",
    },
  )
}

/** Equal shapes apart from axes of length 1, or a flat one against any: the numbers lie in the same order. */
function sameLayout(data: readonly number[], model: readonly number[]): boolean {
  if (sizeOf(data) !== sizeOf(model)) return false
  const long = (shape: readonly number[]): number[] => shape.filter((length) => length !== 1)
  const [a, b] = [long(data), long(model)]
  return a.length <= 1 || b.length <= 1 || a.every((length, axis) => length === b[axis])
}
