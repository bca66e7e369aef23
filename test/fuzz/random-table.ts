import { gzipSync } from 'node:zlib'

import { constraints } from '../../src/components/constraints/index.ts'
import { initializers } from '../../src/components/initializers/index.ts'
import { optimizers } from '../../src/components/optimizers/index.ts'
import { regularizers } from '../../src/components/regularizers/index.ts'
import { schedules } from '../../src/components/schedules/index.ts'
import { randomBits, stream } from '../../src/random.ts'
import { drawConfig } from '../ir/examples.ts'
import type { Draw } from '../ir/examples.ts'

/** A config and its rows, of parts that are valid each. */
export type Pair = {
  readonly config: Readonly<Record<string, unknown>>
  /** The file that holds all rows, unless the config holds them. */
  readonly file?: { readonly name: string; readonly content: string | Uint8Array }
  /** What the figures of the model are of; undefined where the rows are in the config. */
  readonly compared: Compared | undefined
}

/** Predictions and the truth about them. */
export type Compared = {
  /** Undefined where the loss has a scale or penalties of its own. */
  readonly loss: string | undefined
  readonly metrics: readonly string[]
  /** The columns of the predictions. */
  readonly columns: readonly string[]
  /** The target of each row. */
  readonly truth: readonly (readonly number[])[]
  /** The weight of each row in the loss. */
  readonly weights: readonly number[]
  /** True for a time series, whose rows are predicted from those before them. */
  readonly isSeries: boolean
}

type Cell = number | string | null
type Row = Record<string, Cell>
type Part = Record<string, unknown>

/** The draws of a pair: the same for the same seed and number. */
export function drawsOf(seed: number, number: number): Draw {
  let next = 0
  return (limit) => (randomBits(stream(seed, `fuzz/${number}`), next++, 1)[0] ?? 0) % limit
}

function pick<T>(draw: Draw, list: readonly T[]): T {
  const chosen = list[draw(list.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}
const chance = (draw: Draw, times: number): boolean => draw(times) === 0
const some = <T>(draw: Draw, list: readonly T[]): T[] => list.filter(() => chance(draw, 2))

// -- targets -------------------------------------------------------------------------------------------------------

/** A kind of target: its column, and the last layers and losses that suit it. */
type Target = {
  readonly cells: (signal: number, draw: Draw) => Row
  readonly key: unknown
  readonly heads: readonly { loss: unknown; layer: Part }[]
  readonly metrics: readonly string[]
  readonly isClass: boolean
  readonly columns: readonly string[]
  readonly truth: (row: Row) => number[]
}

const KINDS = ['red', 'green', 'blue']
const ofNumbers = [
  'mean_absolute_error',
  'mean_squared_error',
  'root_mean_squared_error',
  'mean_absolute_percentage_error',
  'r2_score',
]
const ofClasses = ['accuracy', 'auc', 'precision', 'recall']
const dense = (units: number | string, activation = 'linear'): Part => ({ type: 'dense', units, activation })

const plainLosses = ['mean_squared_error', 'mean_absolute_error', 'log_cosh', { type: 'huber', delta: 0.5 }]
const TARGETS: Readonly<Record<string, Target>> = {
  number: {
    cells: (signal) => ({ y: round(3 * signal) }),
    key: 'y',
    heads: plainLosses.map((loss) => ({ loss, layer: dense(1) })),
    metrics: ofNumbers,
    isClass: false,
    columns: ['prediction'],
    truth: ({ y }) => [Number(y)],
  },
  'positive number': {
    cells: (signal) => ({ y: round(2 + Math.abs(signal)) }),
    key: 'y',
    heads: ['poisson', 'mean_squared_logarithmic_error', 'mean_squared_error'].map((loss) => ({
      loss,
      layer: dense(1, 'softplus'),
    })),
    metrics: ofNumbers,
    isClass: false,
    columns: ['prediction'],
    truth: ({ y }) => [Number(y)],
  },
  'two numbers': {
    cells: (signal) => ({ y: round(signal), z: round(1 - 2 * signal) }),
    key: ['y', 'z'],
    heads: plainLosses.map((loss) => ({ loss, layer: dense(2) })),
    metrics: ofNumbers,
    isClass: false,
    columns: ['prediction_y', 'prediction_z'],
    truth: ({ y, z }) => [Number(y), Number(z)],
  },
  'yes or no': {
    cells: (signal, draw) => ({ y: signal + (draw(3) - 1) > 0 ? 'yes' : 'no' }),
    key: { column: 'y', positive: 'yes' },
    heads: [
      { loss: 'binary_crossentropy', layer: dense(1, 'sigmoid') },
      { loss: { type: 'binary_crossentropy', from_logits: true }, layer: dense(1) },
    ],
    metrics: ofClasses,
    isClass: true,
    columns: ['p_yes'],
    truth: ({ y }) => [Number(y === 'yes')],
  },
  kinds: {
    cells: (signal, draw) => ({
      y: KINDS[(Math.floor(Math.abs(2 * signal)) + Number(chance(draw, 4))) % 3] ?? '',
    }),
    key: { column: 'y', classes: KINDS },
    heads: [
      { loss: 'categorical_crossentropy', layer: dense(3, 'softmax') },
      { loss: 'sparse_categorical_crossentropy', layer: dense('classes', 'softmax') },
      { loss: { type: 'categorical_crossentropy', from_logits: true }, layer: dense('classes') },
    ],
    metrics: ofClasses,
    isClass: true,
    columns: KINDS.map((name) => `p_${name}`),
    truth: ({ y }) => KINDS.map((name) => Number(y === name)),
  },
  'several labels': {
    cells: (signal, draw) => ({ y: Number(signal > 0), z: draw(2) }),
    key: ['y', 'z'],
    heads: [
      { loss: 'binary_crossentropy', layer: dense(2, 'sigmoid') },
      { loss: 'squared_hinge', layer: dense(2, 'tanh') },
    ],
    metrics: ['mean_absolute_error'],
    isClass: false,
    columns: ['prediction_y', 'prediction_z'],
    truth: ({ y, z }) => [Number(y), Number(z)],
  },
}

/** Numbers of few bits, which float32 holds exactly. */
function round(x: number): number {
  return Math.round(x * 64) / 64
}

// -- rows ----------------------------------------------------------------------------------------------------------

const CITIES = ['Oslo', 'São Paulo', 'Paris, TX', 'say "hi"', "O'Hare", '  x', '=1+2', '北京']
const DAY = 86_400_000

type Columns = { numbers: number; city: boolean; day: boolean; missing: boolean; weight: boolean }

function rowsOf(draw: Draw, count: number, target: Target, columns: Columns): Row[] {
  const scale = pick(draw, [1, 1, 0.01, 1000])
  const cities = CITIES.slice(0, 2 + draw(6))
  return Array.from({ length: count }, (_, i) => {
    const [a, b] = [Math.sin(1.3 * i), Math.cos(2.1 * i)]
    const numbers = Array.from({ length: columns.numbers }, (_, k): [string, Cell] => [
      `n${k}`,
      columns.missing && chance(draw, 12) ? null : round(scale * (k % 2 ? b : a) + k * Math.sin(i * k)),
    ])
    return {
      ...Object.fromEntries(numbers),
      ...(columns.city && { city: columns.missing && chance(draw, 15) ? null : pick(draw, cities) }),
      ...(columns.day && { day: new Date(1.5e12 + i * DAY).toISOString().slice(0, 10) }),
      ...(columns.weight && { w: 0.25 + (i % 5) / 4 }),
      ...target.cells(a + 0.5 * b, draw),
    }
  })
}

/** A file of the rows, and what a config says about it. */
function written(draw: Draw, rows: readonly Row[]): { file: NonNullable<Pair['file']>; keys: Part } {
  if (chance(draw, 3)) {
    const content = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    return { file: { name: 'rows.jsonl', content }, keys: { type: 'jsonl', path: 'rows.jsonl' } }
  }
  const delimiter = pick(draw, [',', ';', '\t', '|'])
  const decimal = delimiter !== ',' && chance(draw, 3) ? ',' : '.'
  const quote = (cell: Cell | undefined): string => {
    if (typeof cell === 'number') return String(cell).replace('.', decimal)
    const text = cell ?? ''
    return /[,;\t|"]|^ /.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const names = Object.keys(rows[0] ?? {})
  const lines = [names, ...rows.map((row) => names.map((name) => quote(row[name])))]
  const text = lines.map((line) => `${line.join(delimiter)}${decimal === ',' ? '\r\n' : '\n'}`).join('')
  const keys = {
    type: 'csv',
    ...(delimiter !== ',' && { delimiter }),
    ...(decimal !== '.' && { decimal }),
  }
  return chance(draw, 4)
    ? { file: { name: 'rows.csv.gz', content: gzipSync(text) }, keys: { ...keys, path: 'rows.csv.gz' } }
    : { file: { name: 'rows.csv', content: text }, keys: { ...keys, path: 'rows.csv' } }
}

// -- the parts of a config -----------------------------------------------------------------------------------------

function featuresOf(draw: Draw, { city, day }: Columns): Part {
  const transforms = {
    ...(city &&
      !chance(draw, 3) && {
        city: pick(draw, ['one_hot', 'ordinal', { type: 'tokens', output_sequence_length: 2 }]),
      }),
    ...(day && { day: 'date' }),
    ...(chance(draw, 4) && { n0: pick(draw, ['robust', 'min_max', 'standard']) }),
  }
  return {
    scale: pick(draw, ['standard', 'min_max', 'none', { divide: 10 }]),
    ...(Object.keys(transforms).length > 0 && { transforms }),
  }
}

const ACTIVATIONS = ['relu', 'tanh', 'sigmoid', 'gelu', 'elu', 'silu', 'mish', 'softsign', 'leaky_relu']

/** Options that nets have or have not: with penalties, the loss is more than the figures tell. */
function denseOptions(draw: Draw): Part {
  return {
    ...(chance(draw, 3) && {
      kernel_initializer: drawConfig(
        initializers,
        pick(
          draw,
          initializers.members.filter(({ type }) => type !== 'identity'),
        ),
        draw,
      ),
    }),
    ...(chance(draw, 8) && {
      kernel_regularizer: drawConfig(regularizers, pick(draw, regularizers.members), draw),
    }),
    ...(chance(draw, 6) && {
      kernel_constraint: drawConfig(constraints, pick(draw, constraints.members), draw),
    }),
  }
}

const between = (draw: Draw): Part[] =>
  some(draw, [
    { type: 'dropout', rate: 0.2 },
    { type: 'batch_normalization' },
    { type: 'layer_normalization' },
    { type: 'gaussian_noise', stddev: 0.1 },
    { type: 'activation', activation: pick(draw, ACTIVATIONS) },
  ]).slice(0, 2)

function hiddenLayers(draw: Draw): Part[] {
  return Array.from({ length: draw(3) }, () => [
    { ...dense(1 + draw(8), pick(draw, ACTIVATIONS)), ...denseOptions(draw) },
    ...between(draw),
  ]).flat()
}

/** Layers that take steps of rows. */
function seriesLayers(draw: Draw): Part[] {
  const recurrent = { type: pick(draw, ['lstm', 'gru', 'simple_rnn']), units: 2 + draw(3) }
  return pick(draw, [
    [recurrent],
    [{ type: 'bidirectional', layer: recurrent }],
    [{ ...recurrent, return_sequences: true }, { type: 'global_average_pooling1d' }],
    [
      { type: 'conv1d', filters: 3, kernel_size: 2, padding: 'same', activation: 'relu' },
      { type: 'global_max_pooling1d' },
    ],
    [{ type: 'flatten' }],
  ])
}

function optimizerOf(draw: Draw): Part {
  const optimizer = drawConfig(optimizers, pick(draw, optimizers.members), draw)
  const rate = 0.002
  const schedule = drawConfig(schedules, pick(draw, schedules.members), draw)
  const scheduled =
    'initial_learning_rate' in schedule ? { ...schedule, initial_learning_rate: rate } : undefined
  return { ...optimizer, learning_rate: chance(draw, 4) ? (scheduled ?? rate) : rate }
}

/** What training consists of, for a config that has validation rows, classes or a schedule. */
function fitOf(draw: Draw, hasValidation: boolean, isClass: boolean, isScheduled: boolean): Part {
  const monitor = hasValidation ? 'val_loss' : 'loss'
  const callbacks = some(draw, [
    { type: 'early_stopping', monitor, patience: draw(3), restore_best_weights: chance(draw, 2) },
    ...(isScheduled ? [] : [{ type: 'reduce_lr_on_plateau', monitor, patience: 1 }]),
  ])
  return {
    epochs: 1 + draw(3),
    batch_size: pick(draw, [1, 5, 8, 32, 100]),
    ...(callbacks.length > 0 && chance(draw, 2) && { callbacks }),
    ...(isClass && chance(draw, 5) && { class_weight: 'balanced' }),
  }
}

/** A table of columns, and a net for them. */
export function randomTable(draw: Draw): Pair {
  const target = pick(draw, Object.values(TARGETS))
  const isSeries = chance(draw, 5)
  const columns: Columns = {
    numbers: 1 + draw(4),
    city: !isSeries && chance(draw, 2),
    day: !isSeries && chance(draw, 4),
    missing: !isSeries && chance(draw, 4),
    weight: chance(draw, 5),
  }
  const rows = rowsOf(draw, 12 + draw(60), target, columns)
  const { file, keys } = written(draw, rows)
  const head = pick(draw, target.heads)
  const split = { validation: pick(draw, [0, 0.2, 0.3]), test: pick(draw, [0, 0, 0.2]) }
  const metrics = some(draw, target.metrics)
  const layers = [...(isSeries ? seriesLayers(draw) : []), ...hiddenLayers(draw), head.layer]
  const isScaled = target.metrics === ofNumbers && head.layer['activation'] === 'linear' && chance(draw, 3)
  const optimizer = optimizerOf(draw)
  const config = {
    name: 'pair',
    seed: draw(1000),
    data: {
      ...keys,
      target: isScaled ? { column: target.key, scale: pick(draw, ['standard', 'min_max']) } : target.key,
      features: featuresOf(draw, columns),
      ...(columns.weight && { sample_weight: 'w' }),
      ...(columns.missing && { missing: pick(draw, ['drop', 'mean', 'median', { constant: 0 }]) }),
      ...(isSeries && { window: { steps: 2 + draw(3) } }),
      ...(target.isClass && !isSeries && chance(draw, 4) && { balance: 'oversample' }),
      ...(!isSeries && chance(draw, 5) && { memory: '4 KB' }),
      split: {
        ...split,
        ...(isSeries && { shuffle: false }),
        ...(target.isClass && !isSeries && chance(draw, 3) && { stratify: true }),
      },
    },
    model: { layers },
    compile: { loss: head.loss, optimizer, metrics },
    fit: fitOf(
      draw,
      split.validation > 0,
      target.isClass && !columns.weight,
      typeof optimizer['learning_rate'] === 'object',
    ),
    ...(chance(draw, 4) && { checkpoint: { save: split.validation > 0 ? 'best' : 'last' } }),
  }
  const isPlain = !isScaled && !layers.some((layer) => 'kernel_regularizer' in layer)
  const lossName = typeof head.loss === 'string' ? head.loss : String(Object.values(head.loss ?? {})[0])
  return {
    config,
    file,
    compared: {
      loss: isPlain ? lossName.replace('sparse_', '') : undefined,
      metrics,
      columns: target.columns,
      truth: rows.map(target.truth),
      weights: rows.map(({ w }) => Number(w ?? 1)),
      isSeries,
    },
  }
}
