import { sourceOf } from '../../components/sources/index.ts'
import type { NewFiles, Reading, TrainedRows } from '../../components/sources/source.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { nearest } from '../../nearest.ts'
import type { OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import type { ColumnType } from '../../table/columns/column-builder.ts'
import { tableOfBlocks } from '../../table/columns/join.ts'
import { openSpool } from '../../table/columns/spool.ts'
import type { Spool } from '../../table/columns/spool.ts'
import { elementsOf, findColumn, numbersOf } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import { encodeSet } from '../fit/encode-set.ts'
import { usableRows } from '../fit/missing.ts'
import { lastWindows, rowsOrWindows } from '../fit/window.ts'
import type { RowSet } from '../rows/row-set.ts'

/** New rows for a trained model, and the source that reads them. */
export type RowsSource = NewFiles & { type: string }

export type RowsOptions = Pick<Reading, 'directory' | 'stdin' | 'datasets'> & {
  /** Whether the rows must bring their targets; otherwise targets are ignored. */
  targets: boolean
  /** What the rows may take, as in `500 MB`; the others wait on disk. */
  memory: string
}

export type NewRows = {
  rows: RowSet
  notes: string[]
  /** Gives back the room on disk. */
  close(): void
}

/** Reads rows as the training rows were read, in any column order, and replays what was fitted on those. */
export async function readRows(
  source: RowsSource,
  preprocessing: Preprocessing,
  options: RowsOptions,
): Promise<NewRows> {
  // Windows of a time series are made of rows in memory.
  const spool = preprocessing.window ? undefined : openSpool(options.memory, options.datasets?.cache)
  try {
    return { ...(await encodeNew(source, preprocessing, options, spool)), close: () => spool?.close() }
  } catch (error) {
    spool?.close()
    throw error
  }
}

async function encodeNew(
  source: RowsSource,
  preprocessing: Preprocessing,
  { directory, stdin, targets: withTargets }: RowsOptions,
  spool: Spool | undefined,
): Promise<Pick<NewRows, 'rows' | 'notes'>> {
  const reading = { directory, stdin, types: columnTypes(preprocessing), spool }
  const { newRows } = sourceOf(source)
  if (!newRows) throw new DataError(`${source.path}: the source ${source.type} reads no new rows`)
  const parts = await newRows.read(source, trainedRows(preprocessing), reading)
  const table = gatherArray(parts.test ?? parts.train, preprocessing)
  const features = columnsFor(table, featureNames(preprocessing), 'was trained on')
  const targets = withTargets ? columnsFor(table, targetNames(preprocessing.outputs), 'is compared with') : []
  const filled = filledColumns(preprocessing)
  const used = {
    filled: features.filter(({ name }) => filled.has(name)),
    strict: [...features.filter(({ name }) => !filled.has(name)), ...targets],
  }
  const { rows, dropped } = usableRows(table, used, preprocessing.missing)
  const { window, sample_weight: weight } = preprocessing
  // A model of windows is measured on all of them, and predicts what follows the last.
  const samples =
    window && !withTargets ? lastWindows(table, rows, window) : rowsOrWindows(table, rows, window, 'new')
  const sampleWeight = withTargets && table.columns.some(({ name }) => name === weight)
  const roles = { targets: withTargets, sampleWeight }
  return {
    rows: encodeSet(table, samples, preprocessing, roles, spool),
    notes: [
      ...parts.notes,
      ...(parts.test ? [`the rows are the test rows of ${table.name}`] : []),
      ...(dropped > 0 ? [`${dropped} of ${table.rows} rows have missing values and were left out`] : []),
    ],
  }
}

/** The features whose missing values are filled in. */
function filledColumns({ inputs, missing }: Preprocessing): Set<string> {
  const features = inputs.flatMap(({ features }) => features)
  const filled = features.filter(
    (feature) => missing === 'fill' || (feature.kind === 'number' && feature.fill !== undefined),
  )
  return new Set(filled.map(({ column }) => column))
}

/** The training rows, as the source of new ones needs to know them. */
function trainedRows(preprocessing: Preprocessing): TrainedRows {
  const features = preprocessing.inputs.flatMap(({ features }) => features)
  return {
    csv: preprocessing.csv,
    features: featureNames(preprocessing),
    targetsOnly: targetsOnly(preprocessing),
    shapes: features.flatMap((feature) => (feature.kind === 'array' ? [feature.shape] : [])),
  }
}

/** The columns that rows without targets lack. */
function targetsOnly({ inputs, outputs, sample_weight: weight }: Preprocessing): string[] {
  const features = featureNames({ inputs })
  return [...targetNames(outputs), ...(weight === undefined ? [] : [weight])].filter(
    (name) => !features.includes(name),
  )
}

function featureNames({ inputs }: Pick<Preprocessing, 'inputs'>): string[] {
  return inputs.flatMap(({ features }) => features.map(({ column }) => column))
}

function targetNames(outputs: readonly OutputState[]): string[] {
  return outputs.flatMap(({ columns }) => columns)
}

function columnTypes({ inputs, outputs }: Preprocessing): Map<string, ColumnType> {
  const types = new Map<string, ColumnType>()
  for (const output of outputs) {
    const isText =
      output.kind === 'classes' &&
      output.form === 'labels' &&
      output.classes.some((label) => Number.isNaN(Number(label)))
    for (const column of output.columns) types.set(column, isText ? 'string' : 'number')
  }
  for (const { kind, column } of inputs.flatMap(({ features }) => features)) {
    if (kind !== 'array') types.set(column, kind === 'number' ? 'number' : 'string')
  }
  return types
}

function columnsFor(table: Table, names: readonly string[], what: string): Column[] {
  const present = table.columns.map(({ name }) => name)
  const missing = names.filter((name) => !present.includes(name))
  const [first] = missing
  if (first === undefined) return names.map((name) => findColumn(table, name, 'the model'))
  const columns = missing.length === 1 ? `the column ${quote(first)} is` : `the columns ${list(missing)} are`
  const close = nearest(
    first,
    present.filter((name) => !names.includes(name)),
  )
  throw new DataError(
    `${table.name}: ${columns} missing, which the model ${what}; the file has ${list(present)}`,
    close === undefined ? {} : { hint: `is ${quote(close)} the column ${quote(first)}?` },
  )
}

/**
 * A model that was trained on one array a row takes for it the only array of the file, whatever its name, or plain
 * columns of numbers, in the order of the file.
 */
function gatherArray(table: Table, preprocessing: Preprocessing): Table {
  if (table.blocks) {
    const blocks = table.blocks.map((block) => gatherArray(block, preprocessing))
    return tableOfBlocks(table.name, blocks)
  }
  const [feature, ...others] = preprocessing.inputs.flatMap(({ features }) => features)
  if (feature?.kind !== 'array' || others.length > 0) return table
  if (table.columns.some(({ name }) => name === feature.column)) return table
  const left = new Set([...targetNames(preprocessing.outputs), preprocessing.sample_weight])
  const size = sizeOf(feature.shape)
  const candidates = table.columns.filter(({ name }) => !left.has(name))
  const [only] = candidates
  if (only?.kind === 'array' && candidates.length === 1) {
    const renamed = { ...only, name: feature.column }
    return { ...table, columns: table.columns.map((column) => (column === only ? renamed : column)) }
  }
  const columns = candidates.filter(({ kind }) => kind !== 'array')
  if (columns.length !== size || columns.some((column) => elementsOf(column) !== 1)) {
    throw new DataError(
      `${table.name}: the model was trained on ${size} numbers a row, but the file has ${columns.length} columns: ${list(columns.map(({ name }) => name))}`,
    )
  }
  const vector = {
    kind: 'array' as const,
    name: feature.column,
    shape: feature.shape,
    get values() {
      return sideBySide(table, columns)
    },
  }
  return { ...table, columns: [vector, ...table.columns.filter((column) => !columns.includes(column))] }
}

/** [rows, columns] */
function sideBySide(table: Table, columns: readonly Column[]): Float64Array {
  const values = new Float64Array(table.rows * columns.length)
  for (const [i, column] of columns.entries()) {
    const numbers = numbersOf(table, column, 'a feature')
    for (let row = 0; row < table.rows; row++) values[row * columns.length + i] = numbers[row] ?? NaN
  }
  return values
}
