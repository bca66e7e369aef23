import { amount } from '../../byte-size.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { encodingOf } from '../../runtime/encodings/index.ts'
import type { Feature, InputState } from '../../runtime/preprocessing.ts'
import { widthOf, widthOfAll, writeNumbers, writeStrings } from '../../runtime/replay.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { numbersOfRows } from '../../table/columns/typed-array.ts'
import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'
import type { EncodedInput } from '../rows/encoded-rows.ts'
import { dateHint } from './written.ts'

/** Numbers of an input in memory at most: the 4 GB that WebAssembly can have. */
const MOST_NUMBERS = 2 ** 30

/** Rows of one input, ready for the model. */
export function encodeInput(table: Table, rows: Uint32Array, input: InputState): EncodedInput {
  const { name, shape } = input
  const columns = input.features.map((feature) => columnFor(table, feature))
  const [feature, column] = [input.features[0], columns[0]]
  if (columns.length === 1 && feature?.kind === 'array' && column?.kind === 'array') {
    const compact = encodeCompact(column, rows, feature.scalings)
    if (compact) return { name, shape, ...compact }
  }
  const stride = widthOfAll(input.features)
  const data = numbersFor(table, rows.length, stride)
  let offset = 0
  for (const [i, feature] of input.features.entries()) {
    const column = columns[i]
    if (column) encodeFeature(table, rows, feature, column, data.subarray(offset), stride)
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
  const positions = new Map(Array.from(rows, (row, position) => [row, position]))
  const block = encodeInput(table, rows, input).data
  const size = sizeOf(input.shape) / steps
  const data = numbersFor(table, windows.length / steps, size * steps)
  for (const [i, row] of windows.entries()) {
    const position = positions.get(row) ?? 0
    data.set(block.subarray(position * size, (position + 1) * size), i * size)
  }
  return { name: input.name, shape: input.shape, data }
}

/** Memory for rows of `size` numbers each. */
function numbersFor(table: Table, rows: number, size: number): Float32Array {
  if (rows * size <= MOST_NUMBERS) return new Float32Array(rows * size)
  throw new DataError(
    `${table.name}: ${counted(rows, 'row')} of ${size.toLocaleString('en-US')} numbers take ${amount(4 * rows * size)} of memory, and at most ${amount(4 * MOST_NUMBERS)} can be encoded at once`,
    {
      hint: 'make the rows shorter, as with data.window.steps or output_sequence_length, or take fewer with data.limit',
    },
  )
}

function columnFor(table: Table, feature: Feature): Column {
  const column = findColumn(table, feature.column, 'the model, trained on it,')
  const expected = feature.kind === 'array' ? sizeOf(feature.shape) : 1
  if (elementsOf(column) === expected) return column
  throw new DataError(
    `${table.name}: ${quote(column.name)} holds ${elementsOf(column)} numbers per row, but the model was trained on ${expected}`,
  )
}

/** Bytes and integers keep their type if at most one scaling applies to all of them; all rows in their order are not copied. */
function encodeCompact(
  { values, shape }: ArrayColumn,
  rows: Uint32Array,
  [scaling, ...others]: readonly FittedScaling[],
): Pick<EncodedInput, 'data' | 'scale'> | undefined {
  const isBytes = values instanceof Uint8Array
  if (others.length > 0 || !(isBytes || (values instanceof Int32Array && !scaling))) return undefined
  const size = sizeOf(shape)
  const isWhole = rows.length * size === values.length && rows.every((row, index) => row === index)
  const data = isWhole ? values : numbersOfRows(values, rows, size)
  if (!scaling) return { data }
  const { subtract, multiply } = scaling
  return { data, scale: { multiply, add: subtract === 0 ? 0 : -subtract * multiply } }
}

/** Writes a feature of the rows, `stride` numbers apart. */
function encodeFeature(
  table: Table,
  rows: Uint32Array,
  feature: Feature,
  column: Column,
  into: Float32Array,
  stride: number,
): void {
  if (feature.kind === 'encoded') {
    const wrong = writeStrings(encodingOf(feature), column.values, rows, into, stride)
    if (!wrong) return
    const { row, string, fault } = wrong
    const hint = feature.transform === 'date' ? dateHint(table, column.name) : undefined
    throw new DataError(
      `${table.place(row)}: ${quote(string)} in column ${quote(column.name)} ${fault}`,
      hint === undefined ? {} : { hint },
    )
  }
  const wrong = writeNumbers(feature, numbersOf(table, column, 'a feature'), rows, into, stride)
  if (wrong) throw notFinite(table, wrong.row, column, wrong.value)
}

/** A number without a finite float32, or a NaN inside an array. */
export function notFinite(table: Table, row: number, column: Column, value: number): DataError {
  const found = Number.isNaN(value) ? 'a missing number' : String(value)
  return new DataError(
    `${table.place(row)}: ${found} in ${quote(column.name)}: expected a finite 32-bit number`,
  )
}
