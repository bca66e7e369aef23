import { access } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'

import { stringify } from 'yaml'

import { classesIn } from '../data/inspect/infer-ports.ts'
import { readCsv } from '../table/formats/csv.ts'
import type { Column } from '../table/table.ts'
import { findColumn } from '../table/table.ts'
import { DataError, UsageError } from '../errors.ts'
import { counted } from '../wording.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type CreateConfigOptions = EnvironmentOptions & {
  /** The file to write; default: `nnlab.yaml`. */
  readonly file?: string | undefined
  /** A CSV file whose columns the config fits; default: the XOR problem. */
  readonly data?: string | undefined
  /** The column to predict; default: the last one. */
  readonly target?: string | undefined
  /** Replaces a file that exists. */
  readonly force?: boolean | undefined
}

/** Writes a config that can be trained as it is. */
export async function createConfig(options: CreateConfigOptions): Promise<void> {
  const { file = DEFAULT_CONFIG, data, target, force } = options
  const { cwd } = environmentOf(options)
  const path = resolve(cwd, file)
  if (!force && (await exists(path))) {
    throw new UsageError(`${file} exists already`, { hint: 'name another file, or replace it with --force' })
  }
  if (data === undefined && target !== undefined) {
    throw new UsageError('--target requires --data', { hint: 'name the CSV file that has the column' })
  }
  await writeFileAtomic(path, data === undefined ? XOR : await configOfCsv(path, data, target, cwd))
}

const XOR = `# A network that learns XOR. To explain a key: nnlab explain fit.epochs
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

/** A config for the columns of a CSV file; `path` is that of the config. */
async function configOfCsv(
  path: string,
  data: string,
  target: string | undefined,
  cwd: string,
): Promise<string> {
  const table = await readCsv({ path: data, header: true }, { directory: cwd })
  const last = table.columns.at(-1)
  if (last === undefined || table.columns.length < 2) {
    throw new DataError(
      `${data}: expected a target and at least one feature, got ${counted(table.columns.length, 'column')}`,
    )
  }
  const chosen = target === undefined ? last : findColumn(table, target, '--target')
  const features = table.columns.filter((column) => column !== chosen)
  const width = features.reduce((total, column) => total + widthOf(column), 0)
  const classes = classesIn(table, chosen)
  const kind = KINDS[classes === undefined ? 'number' : classes === 2 ? 'two' : 'classes']
  const what = classes === undefined ? 'a number' : `${classes} classes`
  return `# Predicts ${chosen.name} (${what}) from ${counted(features.length, 'column')} of ${basename(data)}.
# To explain a key: nnlab explain data.split
name: ${basename(data)
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')}
seed: 1

data:
  type: csv
  path: ${quoted(relative(dirname(path), resolve(cwd, data)))}
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

/** Last activation, loss and metric of a network, by its target. */
const KINDS = {
  number: { activation: '', loss: 'mean_squared_error', metric: 'mean_absolute_error' },
  two: { activation: ', activation: sigmoid', loss: 'binary_crossentropy', metric: 'accuracy' },
  classes: { activation: ', activation: softmax', loss: 'categorical_crossentropy', metric: 'accuracy' },
} as const

/** A string as a YAML scalar. */
function quoted(text: string): string {
  return stringify(text).trimEnd()
}

/** Elements of the input that a column fills: one for each string, in one-hot form. */
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
