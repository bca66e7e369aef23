import { DataError } from '../errors.ts'
import { encodeClassTarget, fitClassTarget } from './class-target.ts'
import { encodeRows } from './dataset.ts'
import { featureColumns, fitInput } from './features.ts'
import { allRows, usableRows } from './missing.ts'
import { fitNumericTarget } from './numeric-target.ts'
import { pairUp, selectionOf } from './selection.ts'
import { readParts } from './sources/index.ts'
import { splitRows } from './split.ts'
import { findColumn, list } from './table.ts'
import type { DataSpec } from '../spec/data.ts'
import type { Dataset } from './dataset.ts'
import type { Reading } from './file.ts'
import type { ClassesState, OutputState, Preprocessing } from './preprocessing.ts'
import type { Selection } from './selection.ts'
import type { RowClasses } from './split.ts'
import type { Table } from './table.ts'
import type { OutputPort } from './target.ts'

export type PrepareOptions = Pick<Reading, 'directory' | 'stdin'> & {
  seed: number
  /** What the model takes and gives, in its order. */
  inputs: readonly { name: string; shape: readonly number[] }[]
  outputs: readonly (OutputPort & { kind: 'classes' | 'numbers' })[]
  /** What was fitted before on the same data: replayed instead of fitted anew. */
  fitted?: Preprocessing
}

export type PreparedData = {
  train: Dataset
  validation?: Dataset
  test?: Dataset
  preprocessing: Preprocessing
  /** SHA-256, in hex, of the contents read. */
  fingerprint: string
  /** What was done to the data that its owner may want to know. */
  notes: string[]
}

/** Reads, divides and encodes the rows of a config; whatever is fitted is fitted on the training rows. */
export async function prepareData(spec: DataSpec, options: PrepareOptions): Promise<PreparedData> {
  const selection = selectionOf(spec)
  const inputs = pairUp('input', options.inputs, selection.inputs)
  const targets = pairUp('output', options.outputs, selection.targets)

  const { createHash } = await import('node:crypto')
  const fingerprint = createHash('sha256')
  const types = textColumns(selection)
  const { train: table, test: ownTest, notes } = await readParts(spec, { ...options, types, fingerprint })
  for (const { oneHot } of selection.inputs) for (const name of oneHot) findColumn(table, name, 'one_hot')

  const targetNames = new Set(selection.targets.flatMap((target) => target.columns))
  const taken = new Set([
    ...targetNames,
    ...(selection.sampleWeight === undefined ? [] : [selection.sampleWeight]),
  ])
  const others = Array.from(taken, (name) =>
    findColumn(table, name, targetNames.has(name) ? 'data.target' : 'data.sample_weight'),
  )
  const features = inputs.map((input) => ({
    ...input,
    columns: featureColumns(table, input.selection, taken),
  }))
  const columns = features.flatMap((input) => input.columns)
  const leaking = columns.filter((column) => targetNames.has(column.name)).map((column) => column.name)
  if (leaking.length > 0) notes.push(`${list(leaking)}: a target that the model also sees as a feature`)

  const policy = policyOf(selection)
  const { rows, dropped } = usableRows(table, { features: columns, others }, policy)
  if (dropped > 0) notes.push(`${dropped} of ${table.rows} rows have missing values and were left out`)

  const classTargets = new Map<string, ClassesState>()
  for (const { port, selection } of targets.filter(({ port }) => port.kind === 'classes')) {
    const fitted = fitClassTarget(table, rows, port, selection)
    classTargets.set(port.name, fitted.state)
    notes.push(...fitted.notes)
  }
  const classes = spec.split.stratify ? rowClasses(table, rows, classTargets.values()) : undefined
  const parts = splitRows(table.name, rows, spec.split, options.seed, classes)

  const preprocessing: Preprocessing = options.fitted ?? {
    inputs: features.map(({ port, columns, selection: { scale } }) =>
      fitInput(table, parts.train, port, columns, scale, selection.missing),
    ),
    outputs: targets.map(
      ({ port, selection }): OutputState =>
        classTargets.get(port.name) ?? fitNumericTarget(table, parts.train, port, selection),
    ),
    ...(selection.sampleWeight !== undefined && { sample_weight: selection.sampleWeight }),
    missing: policy,
    ...(spec.type === 'csv' && {
      csv: { delimiter: spec.delimiter, header: spec.header, columns: table.columns.map(({ name }) => name) },
    }),
  }
  const encode = (from: Table, rows: Uint32Array): Dataset =>
    encodeRows(from, rows, preprocessing, { targets: true, sampleWeight: true })
  const test = ownTest
    ? encode(ownTest, allRows(ownTest))
    : parts.test.length > 0
      ? encode(table, parts.test)
      : undefined
  return {
    train: encode(table, parts.train),
    ...(parts.validation.length > 0 && { validation: encode(table, parts.validation) }),
    ...(test && { test }),
    preprocessing,
    fingerprint: fingerprint.digest('hex'),
    notes,
  }
}

/** The columns to read as texts whatever they look like. */
function textColumns({ inputs, targets }: Selection): Map<string, 'text'> {
  const labelled = targets.filter(({ classes }) => classes?.some((label) => Number.isNaN(Number(label))))
  const names = [...inputs.flatMap(({ oneHot }) => oneHot), ...labelled.flatMap(({ columns }) => columns)]
  return new Map(names.map((name) => [name, 'text']))
}

function policyOf({ missing }: Selection): Preprocessing['missing'] {
  return missing === 'mean' || typeof missing === 'object' ? 'fill' : missing
}

/** The class of every row, from the first output that has one class a row. */
function rowClasses(table: Table, rows: Uint32Array, outputs: Iterable<ClassesState>): RowClasses {
  for (const output of outputs) {
    if (output.shape.length > 1) continue
    const indices = new Int32Array(table.rows)
    for (const [i, index] of encodeClassTarget(table, rows, output).data.entries())
      indices[rows[i] ?? 0] = index
    return { indices, names: output.classes }
  }
  throw new DataError(`${table.name}: data.split.stratify needs a target of classes, one a row`)
}
