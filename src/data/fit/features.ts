import type { Missing } from '../../components/sources/options/missing.ts'
import type { Window } from '../../components/sources/options/window.ts'
import type { ColumnEncoding, InputSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { ArrayFeature, EncodedFeature, Feature, InputState } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { checkShape, shapeOf } from './input-shape.ts'
import { featureNumbers, fitNumbers, hasIndicator } from './number-feature.ts'
import { transformsOf } from './transform.ts'
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
  { component, config }: ColumnTransform,
  all: readonly RowsOfTable[],
): EncodedFeature {
  if (column.kind !== 'string' || component.kind !== 'encoding') {
    throw new DataError(
      `${training[0]?.table.name}: data.features.transforms: ${config.type} encodes strings, but the column ${quote(column.name)} holds ${column.kind}s`,
    )
  }
  const { name } = column
  const fitted = component.fit(stringsIn(training, name), config, stringsIn(all, name))
  return { kind: 'encoded', column: name, ...fitted }
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

/** Vectors are scaled element by element, like columns; images and series as a whole. */
function fitArray(
  table: Table,
  rows: Uint32Array,
  { name, shape }: ArrayColumn,
  { component, config }: ColumnTransform,
): ArrayFeature {
  const size = sizeOf(shape)
  const isFixed = component.kind === 'scaling' && component.isFixed === true
  const isVector = shape.length <= 1 && !isFixed
  const fits = Array.from({ length: isVector ? size : 1 }, () =>
    component.kind === 'scaling' ? component.fit(config) : undefined,
  ).filter((fit) => fit !== undefined)
  for (const block of isFixed || fits.length === 0 ? [] : blocksWith(table, rows)) {
    const values = featureNumbers(block, name)
    for (const row of block.rows) {
      for (let i = 0; i < size; i++) fits[isVector ? i : 0]?.add(values[row * size + i] ?? NaN)
    }
  }
  return { kind: 'array', column: name, shape, scalings: fits.map((fit) => fit.scaling()) }
}
