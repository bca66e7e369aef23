import { DataError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { encodeRows } from './dataset.ts'
import { usableRows } from './missing.ts'
import { elementsOf, findColumn, list, numbersOf, quote, sizeOf } from './table.ts'
import { lastWindows, samplesOf } from './window.ts'
import type { ColumnType } from './column-builder.ts'
import type { Dataset } from './dataset.ts'
import type { Reading } from './file.ts'
import type { Feature, OutputState, Preprocessing } from './preprocessing.ts'
import type { Column, Table } from './table.ts'

/** New rows for a trained model; `path: '-'` is standard input. */
export type RowsSource =
  | { type: 'csv'; path: string; delimiter?: string; header?: boolean }
  | { type: 'jsonl'; path: string }
  | { type: 'idx'; images: string; labels?: string }

export type RowsOptions = Pick<Reading, 'directory' | 'stdin'> & {
  /** Whether the rows must bring their targets; otherwise targets are ignored. */
  targets: boolean
}

/** Reads rows as the training rows were read, in any column order, and replays what was fitted on those. */
export async function readRows(
  source: RowsSource,
  preprocessing: Preprocessing,
  options: RowsOptions,
): Promise<{ dataset: Dataset; notes: string[] }> {
  const { directory, stdin } = options
  const read = await readSource(source, preprocessing, {
    directory,
    stdin,
    types: columnTypes(preprocessing),
  })
  const table = gatherVector(read, preprocessing)
  const features = columnsFor(table, featureNames(preprocessing), 'was trained on')
  const targets = options.targets
    ? columnsFor(table, targetNames(preprocessing.outputs), 'is compared with')
    : []
  const filled = filledColumns(preprocessing)
  const used = {
    filled: features.filter(({ name }) => filled.has(name)),
    strict: [...features.filter(({ name }) => !filled.has(name)), ...targets],
  }
  const { rows, dropped } = usableRows(table, used, preprocessing.missing)
  const { window, sample_weight: weight } = preprocessing
  // A model of windows is measured on all of them, and predicts what follows the last.
  const samples =
    window && !options.targets ? lastWindows(table, rows, window) : samplesOf(table, rows, window, 'new')
  const sampleWeight = options.targets && table.columns.some(({ name }) => name === weight)
  return {
    dataset: encodeRows(table, samples, preprocessing, {
      targets: options.targets,
      sampleWeight,
    }),
    notes: dropped > 0 ? [`${dropped} of ${table.rows} rows have missing values and were left out`] : [],
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

async function readSource(
  source: RowsSource,
  preprocessing: Preprocessing,
  reading: Reading,
): Promise<Table> {
  switch (source.type) {
    case 'csv': {
      const { readCsv } = await import('./sources/csv.ts')
      const { csv } = preprocessing
      const { path, delimiter = csv?.delimiter, header = csv?.header ?? 'detect' } = source
      return readCsv(
        { path, delimiter, header, ...(csv && { columns: [csv.columns, withoutTargets(preprocessing)] }) },
        reading,
      )
    }
    case 'jsonl': {
      const { readJsonl } = await import('./sources/jsonl.ts')
      return readJsonl(source, reading)
    }
    case 'idx': {
      const { readIdxPair } = await import('./sources/idx.ts')
      return readIdxPair(source.images, source.labels, reading)
    }
  }
}

/** The training file's columns that a file without targets still has, in their order. */
function withoutTargets({ csv, inputs, outputs, sample_weight: weight }: Preprocessing): string[] {
  const features = new Set(featureNames({ inputs }))
  const left = new Set([...targetNames(outputs).filter((name) => !features.has(name)), weight])
  return (csv?.columns ?? []).filter((name) => !left.has(name))
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
    for (const column of output.columns) types.set(column, isText ? 'text' : 'number')
  }
  for (const { kind, column } of inputs.flatMap(({ features }) => features)) {
    if (kind !== 'array') types.set(column, kind === 'number' ? 'number' : 'text')
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

/** A model that was trained on one array a row takes plain columns of numbers for it, in the order of the file. */
function gatherVector(table: Table, preprocessing: Preprocessing): Table {
  const [feature, ...others] = preprocessing.inputs.flatMap(({ features }): Feature[] => features)
  if (feature?.kind !== 'array' || others.length > 0) return table
  if (table.columns.some(({ name }) => name === feature.column)) return table
  const left = new Set([...targetNames(preprocessing.outputs), preprocessing.sample_weight])
  const columns = table.columns.filter(({ name, kind }) => kind !== 'array' && !left.has(name))
  const size = sizeOf(feature.shape)
  if (columns.length !== size || columns.some((column) => elementsOf(column) !== 1)) {
    throw new DataError(
      `${table.name}: the model was trained on ${size} numbers a row, but the file has ${columns.length} columns: ${list(columns.map(({ name }) => name))}`,
    )
  }
  const values = new Float64Array(table.rows * size)
  for (const [i, column] of columns.entries()) {
    const numbers = numbersOf(table, column, 'a feature')
    for (let row = 0; row < table.rows; row++) values[row * size + i] = numbers[row] ?? NaN
  }
  const vector = { kind: 'array' as const, name: feature.column, shape: feature.shape, values }
  return { ...table, columns: [vector, ...table.columns.filter((column) => !columns.includes(column))] }
}
