import { DataError } from '../errors.ts'
import { counted, findColumn, list, numbersOf, quote, sizeOf } from './table.ts'
import { startFit } from './transforms/index.ts'
import { fitOneHot } from './transforms/one_hot.ts'
import type { Missing, Scale } from '../spec/data.ts'
import type { Feature, InputState } from './preprocessing.ts'
import type { InputSelection } from './selection.ts'
import type { ArrayColumn, Column, Table } from './table.ts'
import type { Scaling } from './transforms/scaling.ts'

type Port = { name: string; shape: readonly number[] }

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

/** Fits one input's transforms on the training rows and checks that the columns fill the input. */
export function fitInput(
  table: Table,
  rows: Uint32Array,
  port: Port,
  columns: readonly Column[],
  scale: Scale,
  missing: Missing,
): InputState {
  const features = columns.map((column): Feature => {
    switch (column.kind) {
      case 'number':
        return fitNumbers(table, rows, column, scale, missing)
      case 'text':
        return { kind: 'text', column: column.name, categories: fitOneHot(textsIn(column.values, rows)) }
      case 'array':
        return {
          kind: 'array',
          column: column.name,
          shape: [...column.shape],
          scalings: fitArray(column, rows, scale),
        }
    }
  })
  const input = { name: port.name, shape: [...port.shape], features }
  checkShape(table, input)
  return input
}

function* textsIn(values: readonly string[], rows: Uint32Array): Iterable<string> {
  for (const row of rows) yield values[row] ?? ''
}

function fitNumbers(
  table: Table,
  rows: Uint32Array,
  column: Column,
  scale: Scale,
  missing: Missing,
): Feature {
  const values = numbersOf(table, column, 'a feature')
  const feature = { kind: 'number' as const, column: column.name }
  const fill =
    missing === 'mean'
      ? meanOf(table, rows, column)
      : typeof missing === 'object'
        ? missing.constant
        : undefined
  const fit = startFit(scale)
  if (fit) {
    for (const row of rows) {
      const value = values[row] ?? NaN
      fit.add(Number.isNaN(value) && fill !== undefined ? fill : value)
    }
  }
  return { ...feature, ...(fill !== undefined && { fill }), ...(fit && { scaling: fit.scaling() }) }
}

function meanOf(table: Table, rows: Uint32Array, column: Column): number {
  let sum = 0
  let count = 0
  for (const row of rows) {
    const value = column.values[row]
    if (typeof value !== 'number' || Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  if (count > 0) return sum / count
  throw new DataError(
    `${table.name}: column ${quote(column.name)} has no value in the training split to take the mean of`,
  )
}

/** Vectors are scaled element by element, like columns; images and series as a whole. */
function fitArray(column: ArrayColumn, rows: Uint32Array, scale: Scale): Scaling[] {
  const size = sizeOf(column.shape)
  const isVector = column.shape.length <= 1 && typeof scale !== 'object'
  const fits = Array.from({ length: isVector ? size : 1 }, () => startFit(scale))
  const { values } = column
  if (typeof scale !== 'object') {
    for (const row of rows) {
      for (let i = 0; i < size; i++) fits[isVector ? i : 0]?.add(values[row * size + i] ?? NaN)
    }
  }
  return fits.flatMap((fit) => (fit ? [fit.scaling()] : []))
}

/** How many elements of the input a feature fills. */
export function widthOf(feature: Feature): number {
  if (feature.kind === 'array') return sizeOf(feature.shape)
  return feature.kind === 'text' ? feature.categories.length : 1
}

function checkShape(table: Table, { name, shape, features }: InputState): void {
  const width = features.reduce((sum, feature) => sum + widthOf(feature), 0)
  const [first] = features
  const fits =
    features.length === 1 && first?.kind === 'array'
      ? sameLayout(first.shape, shape)
      : width === sizeOf(shape)
  if (fits) return
  const parts = features.map((feature) => {
    if (feature.kind === 'text')
      return `${feature.column} (text, one-hot over ${feature.categories.length} values)`
    return feature.kind === 'array'
      ? `${feature.column} of shape [${feature.shape.join(', ')}]`
      : feature.column
  })
  throw new DataError(
    `${table.name}: the model's input ${quote(name)} takes ${counted(sizeOf(shape), 'number')} a row (shape [${shape.join(', ')}]), ` +
      `but the features give ${width}: ${list(parts)}`,
    {
      hint: "change the model's input shape, or choose columns with data.features.columns or data.features.exclude",
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
