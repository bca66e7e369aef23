import { DataError } from '../errors.ts'
import { widthOf } from './features.ts'
import { elementsOf, findColumn, list, numbersOf, quote, sizeOf } from './table.ts'
import { applyScaling } from './transforms/scaling.ts'
import type { DatasetInput } from './dataset.ts'
import type { Feature, InputState } from './preprocessing.ts'
import type { ArrayColumn, Column, Table } from './table.ts'
import type { Scaling } from './transforms/scaling.ts'

/** Rows of one input, ready for the model. */
export function encodeInput(table: Table, rows: Uint32Array, input: InputState): DatasetInput {
  const { name, shape } = input
  const features = input.features.map((feature) => ({ feature, column: columnFor(table, feature) }))
  const [first] = features
  if (features.length === 1 && first?.feature.kind === 'array' && first.column.kind === 'array') {
    const compact = encodeCompact(first.column, rows, first.feature.scalings)
    if (compact) return { name, shape, ...compact }
  }
  const size = sizeOf(shape)
  const data = new Float32Array(rows.length * size)
  let offset = 0
  for (const { feature, column } of features) {
    // Rows lie `size` numbers apart; this feature begins at `offset` in each.
    const place = data.subarray(offset)
    if (feature.kind === 'text') encodeOneHot(table, rows, feature.categories, column, place, size)
    else encodeNumbers(table, rows, feature, column, place, size)
    offset += widthOf(feature)
  }
  return { name, shape, data }
}

function columnFor(table: Table, feature: Feature): Column {
  const column = findColumn(table, feature.column, 'the model, trained on it,')
  const wanted = feature.kind === 'text' ? 1 : widthOf(feature)
  if (elementsOf(column) === wanted) return column
  throw new DataError(
    `${table.name}: ${quote(column.name)} holds ${elementsOf(column)} numbers a row, but the model was trained on ${wanted}`,
  )
}

/** Bytes and integers stay what they are when one scaling, or none, is enough for them. */
function encodeCompact(
  { values, shape }: ArrayColumn,
  rows: Uint32Array,
  [scaling, ...others]: readonly Scaling[],
): Pick<DatasetInput, 'data' | 'scale'> | undefined {
  const isBytes = values instanceof Uint8Array
  if (others.length > 0 || !(isBytes || (values instanceof Int32Array && !scaling))) return undefined
  const data = gather(values, rows, sizeOf(shape))
  if (!scaling) return { data }
  const { subtract, multiply } = scaling
  return { data, scale: { multiply, add: subtract === 0 ? 0 : -subtract * multiply } }
}

/** The chosen rows, which ascend; all of them are the block itself. */
function gather<T extends Uint8Array | Int32Array>(
  values: T,
  rows: Uint32Array,
  size: number,
): Uint8Array | Int32Array {
  if (rows.length * size === values.length) return values
  const data =
    values instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Int32Array(rows.length * size)
  for (const [index, row] of rows.entries()) {
    data.set(values.subarray(row * size, (row + 1) * size), index * size)
  }
  return data
}

function encodeNumbers(
  table: Table,
  rows: Uint32Array,
  feature: Exclude<Feature, { kind: 'text' }>,
  column: Column,
  data: Float32Array,
  size: number,
): void {
  const values = numbersOf(table, column, 'a feature')
  const width = widthOf(feature)
  const isNumber = feature.kind === 'number'
  const fill = isNumber ? feature.fill : undefined
  const [shared, ...others] = isNumber ? (feature.scaling ? [feature.scaling] : []) : feature.scalings
  const scalings = others.length > 0 && shared ? [shared, ...others] : undefined
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0
    for (let i = 0; i < width; i++) {
      const value = values[row * width + i] ?? NaN
      const known = fill !== undefined && Number.isNaN(value) ? fill : value
      const encoded = Math.fround(applyScaling(scalings ? scalings[i] : shared, known))
      if (!Number.isFinite(encoded)) throw notFinite(table, row, column, known)
      data[index * size + i] = encoded
    }
  }
}

/** A number that has no float32, or a NaN inside an array. */
export function notFinite(table: Table, row: number, column: Column, value: number): DataError {
  const what = Number.isNaN(value) ? 'a missing number' : String(value)
  return new DataError(
    `${table.place(row)}: ${what} in ${quote(column.name)}; finite 32-bit numbers are wanted`,
  )
}

function encodeOneHot(
  table: Table,
  rows: Uint32Array,
  categories: readonly string[],
  column: Column,
  data: Float32Array,
  size: number,
): void {
  const positions = new Map(categories.map((category, position) => [category, position]))
  for (const [index, row] of rows.entries()) {
    const value = String(column.values[row])
    const position = positions.get(value)
    if (position !== undefined) data[index * size + position] = 1
    else if (value !== '') throw unseen(table, row, column, value, categories)
  }
}

function unseen(
  table: Table,
  row: number,
  column: Column,
  value: string,
  known: readonly string[],
): DataError {
  return new DataError(
    `${table.place(row)}: ${quote(value)} in column ${quote(column.name)} is not one of the ${known.length} values of the training split: ${list(known)}`,
  )
}
