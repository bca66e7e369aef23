import type { Missing } from '../../components/sources/options/missing.ts'
import type { Window } from '../../components/sources/options/window.ts'
import type { ColumnEncoding, InputSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { Encoding } from '../../runtime/encodings/encoding.ts'
import { encodingOf } from '../../runtime/encodings/index.ts'
import type { ArrayFeature, EncodedFeature, Feature, InputState } from '../../runtime/preprocessing.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { checkShape, shapeOf } from './input-shape.ts'
import { featureNumbers, fitNumbers, hasIndicator } from './number-feature.ts'
import { channelsOf, checkChannels, fitInTurn, scalingOf, transformsOf } from './transform.ts'
import type { ColumnTransform } from './transform.ts'
import { refuseWrittenNumbers } from './written.ts'

/** An input of the model; without a shape it has that of its features. */
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
  const isLeftOut = (name: string): boolean =>
    taken.has(name) || excluded.has(name) || table.index?.includes(name) === true
  const columns = table.columns.filter(({ name }) => !isLeftOut(name))
  if (columns.length === 0) throw new DataError(`${table.name}: there is no column left for the features`)
  return columns
}

type Fitting = { encoding: ColumnEncoding; missing: Missing; window?: Window | undefined }

/** Rows of a table: a run has several where validation or test rows have a table of their own. */
export type RowsOfTable = { readonly table: Table; readonly rows: Uint32Array }

/** The shape of an input as wide as its features, whatever the split; `all` are all rows that the run may see. */
export function inputShape(
  all: readonly RowsOfTable[],
  columns: readonly Column[],
  { encoding, missing, window }: Fitting,
): Pick<InputState, 'shape' | 'features'> {
  const transformOf = transformsOf(encoding)
  const features = columns.map((column): Feature => {
    const { name } = column
    const transform = transformOf(column)
    if (transform.component.kind === 'encoding') return fitEncoding(all, column, transform, all)
    if (column.kind === 'array') return { kind: 'array', column: name, shape: column.shape, scalings: [] }
    const [first] = all
    return {
      kind: 'number',
      column: name,
      indicator: first && hasIndicator(first.table, name, transform, missing),
    }
  })
  return { shape: shapeOf(features, window), features }
}

/** Fits one input's transforms on the training rows and checks that the columns fill the input. */
export function fitInput(
  training: RowsOfTable,
  all: readonly RowsOfTable[],
  port: InputPort,
  columns: readonly Column[],
  { encoding, missing, window }: Fitting,
): InputState {
  const { table, rows } = training
  for (const column of columns) refuseWrittenNumbers(table, column, encoding)
  const transformOf = transformsOf(encoding)
  const features = columns.map((column): Feature => {
    const transform = transformOf(column)
    if (transform.component.kind === 'encoding') return fitEncoding([training], column, transform, all)
    return column.kind === 'array'
      ? fitArray(table, rows, column, transform)
      : fitNumbers(table, rows, column, transform, missing)
  })
  const input = { name: port.name, shape: port.shape ?? shapeOf(features, window), features }
  checkShape(table, input, window)
  return input
}

function fitEncoding(
  training: readonly RowsOfTable[],
  column: Column,
  { component, config, then }: ColumnTransform,
  all: readonly RowsOfTable[],
): EncodedFeature {
  if (column.kind !== 'string' || component.kind !== 'encoding') {
    throw new DataError(
      `${training[0]?.table.name}: data.features.transforms: ${config.type} encodes strings, but the column ${quote(column.name)} holds ${column.kind}s`,
    )
  }
  const { name } = column
  const fitted = component.fit(stringsIn(training, name), config, stringsIn(all, name))
  const scalings = then.length > 0 ? fitScalings(training, name, encodingOf(fitted), then) : []
  return { kind: 'encoded', column: name, ...(scalings.length > 0 && { scalings }), ...fitted }
}

/** The scalings of the numbers that an encoding makes. */
function fitScalings(
  training: readonly RowsOfTable[],
  name: string,
  encoding: Encoding,
  configs: readonly ComponentConfig[],
): FittedScaling[] {
  const numbers = new Float32Array(encoding.width)
  return fitInTurn(configs, encoding.width, (see) => {
    for (const string of stringsIn(training, name)) {
      // A string that cannot be encoded is refused with its row where rows are.
      if (encoding.write(string, numbers.fill(0), 0) === undefined) numbers.forEach(see)
    }
  })
}

function* stringsIn(chosen: readonly RowsOfTable[], name: string): Iterable<string> {
  for (const { table, rows } of chosen) {
    for (const block of blocksWith(table, rows)) {
      const found = findColumn(block.table, name, 'data.features')
      const values = found.kind === 'string' ? found.values : []
      for (const row of block.rows) yield values[row] ?? ''
    }
  }
}

/** Vectors are scaled element by element, like columns; images and series as a whole, or each channel by itself. */
function fitArray(
  table: Table,
  rows: Uint32Array,
  column: ArrayColumn,
  { config, then }: ColumnTransform,
): ArrayFeature {
  const { name, shape } = column
  const size = sizeOf(shape)
  const last = shape.at(-1) ?? 1
  const configs = [config, ...then]
  for (const one of configs) checkChannels(one, table, column, last)
  const isFixed = configs.every((one) => scalingOf(one).isFixed === true)
  const isByChannel = configs.some((one) => one['per_channel'] === true || channelsOf(one).length > 0)
  const channels = (shape.length <= 1 && !isFixed) || isByChannel ? last : 1
  const scalings = fitInTurn(configs, channels, (see) => {
    for (const block of blocksWith(table, rows)) {
      const values = featureNumbers(block, name)
      for (const row of block.rows) {
        for (let i = 0; i < size; i++) see(values[row * size + i] ?? NaN, i % channels)
      }
    }
  })
  return { kind: 'array', column: name, shape, scalings }
}
