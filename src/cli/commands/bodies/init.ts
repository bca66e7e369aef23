import { access } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'

import { stringify } from 'yaml'

import { classesIn } from '../../../data/inspect/infer-ports.ts'
import { readCsv } from '../../../components/sources/csv.ts'
import type { Column } from '../../../table/table.ts'
import { findColumn } from '../../../table/table.ts'
import { DataError, ExitCode, UsageError } from '../../../errors.ts'
import { counted } from '../../../report/text/format.ts'
import { writeFileAtomic } from '../../../run/atomic.ts'
import { DEFAULT_CONFIG } from '../../../experiment/default-config.ts'
import type { Io } from '../../io.ts'

export type InitOptions = {
  readonly file: string
  readonly data: string | undefined
  readonly target: string | undefined
  readonly force: boolean
}

/** Writes a config that trains as it stands: of the XOR problem, or of a csv file. */
export async function init({ file, data, target, force }: InitOptions, io: Io): Promise<number> {
  const path = resolve(io.cwd, file)
  if (!force && (await exists(path))) {
    throw new UsageError(`${file} exists already`, { hint: 'name another file, or replace it with --force' })
  }
  if (data === undefined && target !== undefined) {
    throw new UsageError('--target requires --data', { hint: 'name the CSV file that has the column' })
  }
  await writeFileAtomic(path, data === undefined ? XOR : await configOfCsv(path, data, target, io))
  io.stdout.write(`wrote ${file}; train it with: nnlab train${file === DEFAULT_CONFIG ? '' : ` ${file}`}\n`)
  return ExitCode.done
}

const XOR = `# A network that learns XOR. What each key means: nnlab explain fit.epochs
name: xor
seed: 1

data:
  type: inline
  inputs: [[0, 0], [0, 1], [1, 0], [1, 1]]
  targets: [0, 1, 1, 0]

model:
  input: [2]
  layers:
    - {type: dense, units: 8, activation: tanh}
    - {type: dense, units: 1, activation: sigmoid}

compile:
  loss: binary_crossentropy
  optimizer: {type: adam, learning_rate: 0.05}
  metrics: [accuracy]

fit:
  batch_size: 4
  epochs: 200
`

async function configOfCsv(path: string, data: string, target: string | undefined, io: Io): Promise<string> {
  const table = await readCsv({ path: data, header: true }, { directory: io.cwd })
  const last = table.columns.at(-1)
  if (last === undefined || table.columns.length < 2) {
    throw new DataError(
      `${data}: a target and at least one feature are wanted, and it has ${table.columns.length} columns`,
    )
  }
  const chosen = target === undefined ? last : findColumn(table, target, '--target')
  const features = table.columns.filter((column) => column !== chosen)
  const width = features.reduce((total, column) => total + widthOf(column), 0)
  const classes = classesIn(table, chosen)
  const kind = KINDS[classes === undefined ? 'number' : classes === 2 ? 'two' : 'classes']
  const what = classes === undefined ? 'a number' : `${classes} classes`
  return `# Predicts ${chosen.name} (${what}) from ${counted(features.length, 'column')} of ${basename(data)}.
# What each key means: nnlab explain data.split
name: ${basename(data)
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')}
seed: 1

data:
  type: csv
  path: ${quoted(relative(dirname(path), resolve(io.cwd, data)))}
  target: ${quoted(chosen.name)}
  features: {scale: standard}
${hasMissing(features) ? '  missing: mean\n' : ''}  split: {validation: 0.15, test: 0.15${classes === undefined ? '' : ', stratify: true'}}

model:
  input: [${width}]
  layers:
    - {type: dense, units: 32, activation: relu}
    - {type: dense, units: ${classes === undefined || classes === 2 ? 1 : classes}${kind.activation}}

compile:
  loss: ${kind.loss}
  optimizer: {type: adam, learning_rate: 0.001}
  metrics: [${kind.metric}]

fit:
  batch_size: 32
  epochs: 100
  callbacks:
    - {type: early_stopping, monitor: val_loss, patience: 10, restore_best_weights: true}
`
}

/** How a network ends, by what it predicts. */
const KINDS = {
  number: { activation: '', loss: 'mean_squared_error', metric: 'mean_absolute_error' },
  two: { activation: ', activation: sigmoid', loss: 'binary_crossentropy', metric: 'accuracy' },
  classes: { activation: ', activation: softmax', loss: 'categorical_crossentropy', metric: 'accuracy' },
} as const

/** A text as a YAML scalar. */
function quoted(text: string): string {
  return stringify(text).trimEnd()
}

/** How many elements of the input a column fills: one for each text, in one-hot form. */
function widthOf(column: Column): number {
  return column.kind === 'string' ? new Set(column.values.filter((text) => text !== '')).size : 1
}

function hasMissing(columns: readonly Column[]): boolean {
  return columns.some(({ kind, values }) =>
    kind === 'string' ? values.some((text) => text === '') : values.some((value) => Number.isNaN(value)),
  )
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
