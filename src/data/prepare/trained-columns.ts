import type { TrainedRows } from '../../components/sources/source.ts'
import { DataError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { filledColumns } from '../../runtime/columns.ts'
import { labelsOf, weightColumns } from '../../runtime/preprocessing.ts'
import type { OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import type { ColumnType } from '../../table/columns/column-builder.ts'
import { columnNamed, findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import type { UsedColumns } from '../fit/missing.ts'

/** The columns that new rows need: the features, and the targets if they are evaluated. */
export function usedColumns(table: Table, preprocessing: Preprocessing, withTargets: boolean): UsedColumns {
  const features = columnsFor(table, featureNames(preprocessing), 'was trained on')
  const targets = withTargets ? columnsFor(table, targetNames(preprocessing), 'is compared with') : []
  const filled = filledColumns(preprocessing)
  const { series, time } = preprocessing.window ?? {}
  const keys = [series, time].flatMap((name) => (name === undefined ? [] : (columnNamed(table, name) ?? [])))
  return {
    filled: features.filter(({ name }) => filled.has(name)),
    strict: [...features.filter(({ name }) => !filled.has(name)), ...targets, ...keys],
  }
}

/** The training rows, as the source of new ones needs to know them. */
export function trainedRows(preprocessing: Preprocessing): TrainedRows {
  const { csv, text, image_column, inputs } = preprocessing
  const features = featureNames(preprocessing)
  const isFeature = new Set(features)
  return {
    csv,
    text,
    image_column,
    features,
    targetsOnly: [...targetNames(preprocessing), ...weightColumns(preprocessing)].filter(
      (name) => !isFeature.has(name),
    ),
    shapes: inputs.flatMap(({ features }) =>
      features.flatMap((feature) => (feature.kind === 'array' ? [feature.shape] : [])),
    ),
  }
}

/** The types of columns in the training rows. */
export function columnTypes({ inputs, outputs }: Preprocessing): Map<string, ColumnType> {
  const types = new Map<string, ColumnType>()
  for (const output of comparedWithColumns(outputs)) {
    for (const column of output.columns) types.set(column, hasNames(output) ? 'string' : 'number')
  }
  for (const { kind, column } of inputs.flatMap(({ features }) => features)) {
    if (kind !== 'array') types.set(column, kind === 'number' ? 'number' : 'string')
  }
  return types
}

export function targetNames({ outputs }: Preprocessing): string[] {
  return comparedWithColumns(outputs).flatMap(({ columns }) => columns)
}

/** The outputs whose targets are columns of their own. */
function comparedWithColumns(outputs: readonly OutputState[]): OutputState[] {
  return outputs.filter((output) => output.kind === 'classes' || output.same_as === undefined)
}

function featureNames({ inputs }: Preprocessing): string[] {
  return inputs.flatMap(({ features }) => features.map(({ column }) => column))
}

/** True if the labels of an output are not all numbers. */
function hasNames(output: OutputState): boolean {
  if (output.kind !== 'classes' || output.form !== 'labels') return false
  return labelsOf(output).some((label) => Number.isNaN(Number(label)))
}

/** The columns that a model needs; `what` it does with them. */
export function columnsFor(table: Table, names: readonly string[], what: string): Column[] {
  const missing = names.filter((name) => !columnNamed(table, name))
  const [first] = missing
  if (first === undefined) return names.map((name) => findColumn(table, name, 'the model'))
  const present = table.columns.map(({ name }) => name)
  const known = new Set(names)
  const columns = missing.length === 1 ? `the column ${quote(first)} is` : `the columns ${list(missing)} are`
  const close = nearest(
    first,
    present.filter((name) => !known.has(name)),
  )
  throw new DataError(
    `${table.name}: ${columns} missing, which the model ${what}; the file has ${list(present)}`,
    close === undefined ? {} : { hint: `is ${quote(close)} the column ${quote(first)}?` },
  )
}
