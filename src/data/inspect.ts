import { DataError } from '../errors.ts'
import { randomUniform, stream } from '../random.ts'
import { featureColumns } from './features.ts'
import { prepareRows } from './prepare.ts'
import { profileOf } from './profile.ts'
import { rolesOf } from './roles.ts'
import type { DataSpec } from '../spec/data.ts'
import type { Dataset } from './dataset.ts'
import type { PreparedRows, PrepareOptions, ReadData } from './prepare.ts'
import type { ColumnProfile, Role } from './profile.ts'
import type { Table } from './table.ts'

/** What training will see of the rows of a config. */
export type Inspection = {
  table: Table
  profiles: ColumnProfile[]
  /** Missing where the rows cannot be trained on, for the reason in `error`. */
  prepared?: PreparedRows
  error?: DataError
  /** How many rows of each split have each label, by output. */
  labels: Map<string, Map<string, LabelCounts>>
}

export type LabelCounts = { train: number; validation: number; test: number }

export function inspectRows(read: ReadData, spec: DataSpec, options: PrepareOptions): Inspection {
  const table = read.train
  if ([read.train, read.validation, read.test].some((one) => one?.blocks)) {
    throw new DataError(
      `${table.name}: data.memory has no room for all rows, which are looked at together here`,
      {
        hint: 'raise it, as in `--set data.memory="16 GB"`, or name a part of the files',
      },
    )
  }
  const attempt = prepareOrExplain(read, spec, options)
  const roles = columnRoles(read)
  const profiles = table.columns.map((column) => profileOf(column, roles.get(column.name) ?? 'unused'))
  const labels = attempt.prepared
    ? labelCounts(attempt.prepared)
    : new Map<string, Map<string, LabelCounts>>()
  return { table, profiles, labels, ...attempt }
}

function prepareOrExplain(
  read: ReadData,
  spec: DataSpec,
  options: PrepareOptions,
): Pick<Inspection, 'prepared' | 'error'> {
  try {
    return { prepared: prepareRows(read, spec, options) }
  } catch (error) {
    if (error instanceof DataError) return { error }
    throw error
  }
}

function columnRoles({ train: table, selection }: ReadData): Map<string, Role> {
  const { taken, targets } = rolesOf(table, selection)
  const roles = new Map<string, Role>()
  for (const { column } of selection.keys) roles.set(column, 'key')
  if (selection.sampleWeight !== undefined) roles.set(selection.sampleWeight, 'weight')
  for (const input of selection.inputs) {
    for (const { name } of featureColumns(table, input, taken)) roles.set(name, 'feature')
  }
  for (const name of targets) roles.set(name, 'target')
  return roles
}

function labelCounts({ preprocessing, train, validation, test }: PreparedRows): Inspection['labels'] {
  const splits: [keyof LabelCounts, Dataset | undefined][] = [
    ['train', train.whole],
    ['validation', validation?.whole],
    ['test', test?.whole],
  ]
  return new Map(
    preprocessing.outputs.flatMap((output) => {
      if (output.kind !== 'classes') return []
      const counts = output.classes.map((label): [string, LabelCounts] => [
        label,
        { train: 0, validation: 0, test: 0 },
      ])
      for (const [split, dataset] of splits) {
        const target = dataset?.targets.find(({ name }) => name === output.name)
        for (const index of target?.data ?? []) {
          const count = counts[index]?.[1]
          if (count) count[split] += 1
        }
      }
      return [[output.name, new Map(counts)]]
    }),
  )
}

/** Rows from all over a table, in order: one at random of each of `count` equal parts. */
export function sampleRows(table: Table, count: number): number[] {
  const shown = Math.min(count, table.rows)
  const draws = randomUniform(stream(0, 'sample'), 0, shown)
  return Array.from(draws, (draw, i) => Math.floor(((i + draw) * table.rows) / shown))
}
