import { DataError } from '../../errors.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { sampleOf } from '../../table/columns/sample.ts'
import type { Table } from '../../table/table.ts'
import { featureColumns } from '../fit/features.ts'
import { rolesOf } from '../fit/roles.ts'
import { prepareRows } from '../prepare/prepare.ts'
import type { PreparedRows, PrepareOptions } from '../prepare/prepare.ts'
import type { ReadData } from '../prepare/read-data.ts'
import { inOrder } from '../rows/in-order.ts'
import { windowsOf } from '../rows/row-set.ts'
import type { RowSet } from '../rows/row-set.ts'
import { profilesOf } from './profile.ts'
import type { ColumnProfile, ColumnRole } from './profile.ts'

/** The rows of a config as training will see them. */
export type Inspection = {
  table: Table
  profiles: ColumnProfile[]
  /** Undefined if the rows cannot be trained on, for the reason in `error`. */
  prepared?: PreparedRows
  error?: DataError
  /** Rows of each split by output and label. */
  labels: Map<string, Map<string, LabelCounts>>
  /** Some rows from all over the table. */
  samples: Table
}

export type LabelCounts = { train: number; validation: number; test: number }

/** Count of sample rows. */
const SAMPLES = 10

export async function inspectRows(
  read: ReadData,
  spec: DataSpec,
  options: PrepareOptions,
): Promise<Inspection> {
  const table = read.train
  const { prepared, error } = await prepareOrExplain(read, spec, options)
  return {
    table,
    profiles: profilesOf(table, columnRoles(read)),
    ...(prepared && { prepared }),
    ...(error && { error }),
    labels: prepared ? await labelCounts(prepared) : new Map<string, Map<string, LabelCounts>>(),
    samples: sampleOf(table, SAMPLES),
  }
}

async function prepareOrExplain(
  read: ReadData,
  spec: DataSpec,
  options: PrepareOptions,
): Promise<Pick<Inspection, 'prepared' | 'error'>> {
  try {
    return { prepared: await prepareRows(read, spec, options) }
  } catch (error) {
    if (error instanceof DataError) return { error }
    throw error
  }
}

/** The use of each column. */
export function columnRoles({ train: table, selection }: ReadData): Map<string, ColumnRole> {
  const { taken, targets } = rolesOf(table, selection)
  const roles = new Map<string, ColumnRole>()
  for (const { column } of selection.keys) roles.set(column, 'key')
  for (const name of selection.sampleWeight ?? []) roles.set(name, 'weight')
  for (const input of selection.inputs) {
    for (const { name } of featureColumns(table, input, taken)) roles.set(name, 'feature')
  }
  for (const name of targets) roles.set(name, 'target')
  return roles
}

/** Rows of each split by output and label. */
export async function labelCounts({
  preprocessing,
  train,
  validation,
  test,
}: PreparedRows): Promise<Inspection['labels']> {
  const labels: Inspection['labels'] = new Map()
  for (const output of preprocessing.outputs) {
    if (output.kind !== 'classes') continue
    const counts = output.classes.map((label): [string, LabelCounts] => [
      label,
      { train: 0, validation: 0, test: 0 },
    ])
    labels.set(output.name, new Map(counts))
  }
  if (labels.size === 0) return labels
  await countLabels('train', train, labels)
  if (validation) await countLabels('validation', validation, labels)
  if (test) await countLabels('test', test, labels)
  return labels
}

async function countLabels(
  split: keyof LabelCounts,
  rows: RowSet,
  labels: Inspection['labels'],
): Promise<void> {
  // Labels are in the order of the classes.
  const counts = new Map(Array.from(labels, ([output, byLabel]) => [output, [...byLabel.values()]]))
  for await (const { encoded } of windowsOf(rows, inOrder)) {
    for (const { name, data } of encoded.targets) {
      const byClass = counts.get(name)
      if (!byClass) continue
      for (const index of data) {
        const count = byClass[index]
        if (count) count[split] += 1
      }
    }
  }
}
