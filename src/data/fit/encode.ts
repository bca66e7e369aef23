import { encodingNamed } from '../../components/transforms/index.ts'
import { applyScaling } from '../../components/transforms/scaling.ts'
import { DataError } from '../../errors.ts'
import { widthOf } from './features.ts'
import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import { sizeOf } from '../../ir/ir.ts'
import { quote } from '../../wording.ts'
import type { Scaling } from '../../components/transforms/scaling.ts'
import type { EncodedInput } from '../rows/encoded-rows.ts'
import type { ArrayFeature, EncodedFeature, Feature, InputState, NumberFeature } from './preprocessing.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'

/** Rows of one input, ready for the model. */
export function encodeInput(table: Table, rows: Uint32Array, input: InputState): EncodedInput {
  const { name, shape } = input
  const features = input.features.map((feature) => ({ feature, column: columnFor(table, feature) }))
  const [first] = features
  if (features.length === 1 && first?.feature.kind === 'array' && first.column.kind === 'array') {
    const compact = encodeCompact(first.column, rows, first.feature.scalings)
    if (compact) return { name, shape, ...compact }
  }
  const size = features.reduce((sum, { feature }) => sum + widthOf(feature), 0)
  const data = new Float32Array(rows.length * size)
  let offset = 0
  for (const { feature, column } of features) {
    // Rows lie `size` numbers apart; this feature begins at `offset` in each.
    const place = data.subarray(offset)
    if (feature.kind === 'encoded') encodeTexts(table, rows, feature, column, place, size)
    else encodeNumbers(table, rows, feature, column, place, size)
    offset += widthOf(feature)
  }
  return { name, shape, data }
}

/** Windows of `steps` rows each, [windows, steps, features]: each row is encoded once and then copied. */
export function encodeWindows(
  table: Table,
  windows: Uint32Array,
  steps: number,
  input: InputState,
): EncodedInput {
  const rows = new Uint32Array(new Set(windows)).sort()
  const places = new Map(Array.from(rows, (row, place) => [row, place]))
  const block = encodeInput(table, rows, input).data
  const size = sizeOf(input.shape) / steps
  const data = new Float32Array(windows.length * size)
  for (const [i, row] of windows.entries()) {
    const place = places.get(row) ?? 0
    data.set(block.subarray(place * size, (place + 1) * size), i * size)
  }
  return { name: input.name, shape: input.shape, data }
}

function columnFor(table: Table, feature: Feature): Column {
  const column = findColumn(table, feature.column, 'the model, trained on it,')
  const wanted = feature.kind === 'array' ? sizeOf(feature.shape) : 1
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
): Pick<EncodedInput, 'data' | 'scale'> | undefined {
  const isBytes = values instanceof Uint8Array
  if (others.length > 0 || !(isBytes || (values instanceof Int32Array && !scaling))) return undefined
  const data = gather(values, rows, sizeOf(shape))
  if (!scaling) return { data }
  const { subtract, multiply } = scaling
  return { data, scale: { multiply, add: subtract === 0 ? 0 : -subtract * multiply } }
}

/** The chosen rows; all of them in their order are the block itself. */
function gather<T extends Uint8Array | Int32Array>(
  values: T,
  rows: Uint32Array,
  size: number,
): Uint8Array | Int32Array {
  if (rows.length * size === values.length && rows.every((row, index) => row === index)) return values
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
  feature: NumberFeature | ArrayFeature,
  column: Column,
  data: Float32Array,
  size: number,
): void {
  const values = numbersOf(table, column, 'a feature')
  const isNumber = feature.kind === 'number'
  const width = isNumber ? 1 : sizeOf(feature.shape)
  const fill = isNumber ? feature.fill : undefined
  const indicator = isNumber && feature.indicator === true
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
    if (indicator && Number.isNaN(values[row])) data[index * size + 1] = 1
  }
}

/** A number that has no float32, or a NaN inside an array. */
export function notFinite(table: Table, row: number, column: Column, value: number): DataError {
  const what = Number.isNaN(value) ? 'a missing number' : String(value)
  return new DataError(
    `${table.place(row)}: ${what} in ${quote(column.name)}; finite 32-bit numbers are wanted`,
  )
}

function encodeTexts(
  table: Table,
  rows: Uint32Array,
  { transform, state }: EncodedFeature,
  column: Column,
  data: Float32Array,
  size: number,
): void {
  const encoding = encodingNamed(transform)?.restore(state)
  if (!encoding) throw new DataError(`${table.name}: the transform ${transform} is not known here`)
  const { values } = column
  for (const [index, row] of rows.entries()) {
    const value = values[row]
    const text =
      typeof value === 'string' ? value : value === undefined || Number.isNaN(value) ? '' : String(value)
    const wrong = encoding.write(text, data, index * size)
    if (wrong !== undefined)
      throw new DataError(`${table.place(row)}: ${quote(text)} in column ${quote(column.name)} ${wrong}`)
  }
}
