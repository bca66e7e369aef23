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
import { featureNumbers, fitNumbers } from './number-feature.ts'
import { transformOf } from './transform.ts'
import type { ColumnTransform } from './transform.ts'

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
    return column.kind === 'array'
      ? fitArray(table, rows, column, transform)
      : fitNumbers(table, rows, column, transform, missing)
  })
  const input = { name: port.name, shape: port.shape ?? shapeOf(features, window), features }
  checkShape(table, input, window)
  return input
}

function fitEncoding(
  table: Table,
  rows: Uint32Array,
  column: Column,
  { component, config }: ColumnTransform,
): EncodedFeature {
  if (column.kind !== 'string' || component.kind !== 'encoding') {
    throw new DataError(
      `${table.name}: data.features.transforms: ${config.type} encodes strings, but the column ${quote(column.name)} holds ${column.kind}s`,
    )
  }
  const { name } = column
  const strings = function* (): Iterable<string> {
    for (const block of blocksWith(table, rows)) {
      const found = findColumn(block.table, name, 'data.features')
      const values = found.kind === 'string' ? found.values : []
      for (const row of block.rows) yield values[row] ?? ''
    }
  }
  return { kind: 'encoded', column: name, ...component.fit(strings(), config) }
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
