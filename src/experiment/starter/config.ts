// The text of a config that fits a table: each choice is a line that can be changed, with a comment that says why.

import { stringify } from 'yaml'

import type { ArrayColumn, Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'
import type { FeatureChoice } from './features.ts'
import type { Forecast } from './forecast.ts'
import type { TargetChoice } from './target.ts'

export type StarterChoices = {
  readonly name: string
  /** The address of the JSON Schema, as editors read it. */
  readonly schema: string
  /** The keys of the data section that say how to read the file. */
  readonly source: Readonly<Record<string, unknown>>
  readonly table: Pick<Table, 'rows' | 'columns'>
  readonly target: TargetChoice
  /** False for a source whose target goes without saying. */
  readonly isTargetNamed: boolean
  readonly features: readonly FeatureChoice[]
  /** Categories of which some are numbers, so that they would be read as such. */
  readonly oneHot: readonly string[]
  /** Set where the target is predicted from its past, in place of the features. */
  readonly forecast: Forecast | undefined
  /** The dates by which the target might be predicted from its past, too. */
  readonly clock: string | undefined
  /** Fractions, a column that says which split each row belongs to, or files that bring their own, of all or of the test rows. */
  readonly split: 'fractions' | 'own' | 'own test' | { readonly column: string }
}

/** The reasons of keys that say how to read a file. */
const SOURCE_COMMENTS: Readonly<Record<string, string>> = {
  encoding: 'the file is not UTF-8',
  delimiter: 'the character between fields',
  header: 'the first line is a row',
  skip_rows: 'lines above the header',
  comment: 'beginnings of lines that are not rows',
  decimal: 'the sign before the fraction of a number',
  thousands: 'the sign between groups of three digits',
  formats: 'the patterns of dates, times and numbers',
  missing_values: 'words for a missing value',
  image_size: 'height and width, to which every image is resized',
}

/** Rows from which a split leaves enough of each class to keep their proportions. */
const ROWS_TO_STRATIFY = 8
/** Rows of the most frequent class to those of the rarest from which classes are weighed, and rows that the rarest needs for that. */
const [IMBALANCE, ROWS_TO_WEIGH] = [4, 20]

export function starterConfig(choices: StarterChoices): string {
  const { name, schema, target } = choices
  return `# yaml-language-server: $schema=${schema}
# ${purpose(choices)}
# ${trivialPrediction(choices)}
# To explain a key: nnlab explain data.split
name: ${scalar(name)}
seed: 1

${dataSection(choices)}
${modelSection(choices)}
compile:
  loss: ${lossOf(target)}
  optimizer: {type: adam, learning_rate: ${learningRateOf(choices)}}
  metrics: [${metricsOf(target).join(', ')}]

${fitSection(choices)}`
}

/** Few rows make few steps an epoch; a forecast starts from one that is good, which larger steps soon leave. */
function learningRateOf({ table, forecast }: StarterChoices): number {
  if (forecast) return 0.0005
  return table.rows >= 2000 ? 0.001 : 0.005
}

function purpose({ table, target, features, forecast }: StarterChoices): string {
  const column = quote(target.column)
  const rows = counted(table.rows, 'row')
  if (forecast) return `Predicts ${column} from its ${forecast.steps} values before, in ${rows}.`
  const used = features.filter(({ use }) => use !== 'none')
  const what = target.kind === 'numbers' ? 'a number' : `one of ${target.counts.length} classes`
  return `Predicts ${column} (${what}) from ${counted(used.length, 'column')} of ${rows}.`
}

function trivialPrediction({ target, forecast }: StarterChoices): string {
  if (forecast) {
    const error = Number(forecast.naiveError.toPrecision(3))
    return `Always repeating the last value gives a mean_absolute_error of ${error} over the latest rows: the network should do better.`
  }
  if (target.kind === 'numbers') {
    return 'Always answering the mean gives an r2_score of 0: the network should do better on the test rows.'
  }
  const rows = target.counts.reduce((sum, [, count]) => sum + count, 0)
  const [label, most] = target.counts[0] ?? ['', 0]
  const share = most / rows
  const always = `Always answering ${quote(label)} gives an accuracy of ${share.toFixed(3)}`
  if (!isWeighed(target)) return `${always}: the network should do better.`
  const [metric, value] = isBinary(target)
    ? ['auc', 0.5]
    : ['f1_score', (2 * share) / (1 + share) / target.counts.length]
  return `${always} and an ${metric} of ${value.toFixed(3)}: the network, which weights classes equally, should do better in ${metric}.`
}

/** True where a class is so rare that a network would do well to ignore it. */
function isImbalanced(target: TargetChoice): boolean {
  if (target.kind === 'numbers') return false
  const [, most = 0] = target.counts[0] ?? []
  return most >= IMBALANCE * (target.counts.at(-1)?.[1] ?? 0)
}

/** True where the loss is to count classes alike. */
function isWeighed(target: TargetChoice): boolean {
  if (target.kind === 'numbers') return false
  return isImbalanced(target) && (target.counts.at(-1)?.[1] ?? 0) >= ROWS_TO_WEIGH
}

/** True for two classes that one unit separates. */
function isBinary(target: TargetChoice): boolean {
  return target.kind === 'classes' && target.counts.length === 2 && target.isOneHot !== true
}

function dataSection(choices: StarterChoices): string {
  const { source, target, isTargetNamed } = choices
  const lines = Object.entries(source).map(([key, value]) =>
    line(2, `${key}: ${scalar(value)}`, SOURCE_COMMENTS[key]),
  )
  if (isTargetNamed) lines.push(targetLine(target))
  lines.push(...featureLines(choices), ...missingLines(choices), ...splitLines(choices))
  return `data:\n${lines.join('')}`
}

function targetLine(target: TargetChoice): string {
  const column = scalar(target.column)
  if (target.kind === 'numbers') {
    return line(2, `target: {column: ${column}, scale: standard}`, 'predictions are scaled back')
  }
  if (target.lists) {
    const comment = `lists of ${target.lists.words} words: each different list is a class; to predict words, give each a column of 0 and 1`
    return line(2, `target: ${column}`, comment)
  }
  if (target.order === undefined) return line(2, `target: ${column}`)
  return line(2, `target: {column: ${column}, classes: [${target.order.join(', ')}]}`, 'the labels in order')
}

function missingLines({ target, features }: StarterChoices): string[] {
  const [first, ...others] = features.filter(({ use, missing }) => use !== 'none' && missing > 0)
  const without = `${counted(target.missing, 'row')} without a target`
  if (first === undefined) return target.missing > 0 ? [line(2, 'missing: drop', without)] : []
  const more = others.length > 0 ? `, and in ${counted(others.length, 'more column')}` : ''
  const comment = `${counted(first.missing, 'value')} of ${quote(first.column)} missing${more}`
  return [
    ...(target.missing > 0
      ? [line(2, `where: ${scalar(knownTarget(target))}`, `leaves out ${without}`)]
      : []),
    line(2, 'missing: {fill: median, indicator: true}', comment),
  ]
}

/** The condition that rows with a target meet, and no other. */
function knownTarget(target: TargetChoice): object {
  const known =
    target.kind === 'classes' ? target.counts.map(([label]) => label).toSorted() : { min: target.least }
  return { [target.column]: known }
}

/** The columns of arrays among the features. */
function arraysIn(features: readonly FeatureChoice[], { columns }: StarterChoices['table']): ArrayColumn[] {
  const used = new Set(features.flatMap(({ use, column }) => (use === 'array' ? [column] : [])))
  return columns.flatMap((column) => (column.kind === 'array' && used.has(column.name) ? [column] : []))
}

function featureLines({ features, oneHot, table, target, forecast, clock }: StarterChoices): string[] {
  if (forecast) {
    const { steps, series } = forecast
    const window = { steps, horizon: 1, ...(series !== undefined && { series }) }
    return [
      line(2, `features: {columns: [${scalar(target.column)}], scale: standard}`, 'its past'),
      line(2, `window: ${scalar(window)}`, `${counted(steps, 'row')} predict the next one`),
    ]
  }
  const arrays = arraysIn(features, table)
  if (arrays.length > 0 && arrays.every(({ values }) => values instanceof Uint8Array)) {
    return [line(2, 'features: {scale: {divide: 255}}', 'pixels from 0 to 1')]
  }
  const excluded = features.filter(({ use }) => use === 'none')
  const dates = features.filter(({ use }) => use === 'date')
  const { text, others } = inputsOf(features)
  const scaled = features.some(({ use }) => use === 'numbers' || use === 'array')
  const lines: string[] = []
  if (scaled) lines.push(line(4, 'scale: standard', 'numbers to mean 0 and deviation 1'))
  if (oneHot.length > 0) lines.push(line(4, `one_hot: ${scalar(oneHot)}`, 'labels, some of them numbers'))
  const isDivided = text !== undefined && others.length > 0
  if (excluded.length > 0) lines.push(isDivided ? line(4, '# left out:') : line(4, 'exclude:'))
  for (const { column, note } of excluded) {
    lines.push(line(isDivided ? 4 : 6, `${isDivided ? '# ' : ''}- ${scalar(column)}`, note))
  }
  if (text || dates.length > 0) lines.push(line(4, 'transforms:'))
  for (const { column, parts = [], note = '' } of dates) {
    const isClock = column === clock
    const comment = isClock ? `${note}; to predict later rows from those before: nnlab explain window` : note
    lines.push(line(6, `${scalar(column)}: {type: date, parts: [${parts.join(', ')}]}`, comment))
  }
  if (text) {
    const [length, tokens, split] =
      text.split === undefined ? [50, 'words', ''] : [100, 'characters', `, split: ${text.split}`]
    const encoding = `{type: tokens, output_sequence_length: ${length}, max_tokens: ${MOST_TOKENS}${split}}`
    lines.push(line(6, `${scalar(text.column)}: ${encoding}`, `the first ${length} ${tokens}, as numbers`))
  }
  const inputs = isDivided
    ? line(2, `inputs: ${scalar({ text: text.column, others: others.map(({ column }) => column) })}`)
    : ''
  return [inputs, ...(lines.length > 0 ? [line(2, 'features:'), ...lines] : [])]
}

/** A text, which has layers of its own, and the other features. */
function inputsOf(features: readonly FeatureChoice[]): {
  text: FeatureChoice | undefined
  others: readonly FeatureChoice[]
} {
  const used = features.filter(({ use }) => use !== 'none')
  return {
    text: used.find(({ use }) => use === 'text'),
    others: used.filter(({ use }) => use !== 'text'),
  }
}

/** Words of a text that are told apart. */
const MOST_TOKENS = 5000

function splitLines({ target, split, forecast }: StarterChoices): string[] {
  if (split === 'own') return []
  if (typeof split !== 'string') {
    return [line(2, `split: {column: ${scalar(split.column)}}`, 'train, validation or test')]
  }
  const fractions = split === 'own test' ? 'validation: 0.15' : 'validation: 0.15, test: 0.15'
  if (forecast) {
    return [line(2, `split: {${fractions}, time: ${scalar(forecast.time)}}`, 'the latest rows are the test')]
  }
  if (target.kind === 'numbers') return [line(2, `split: {${fractions}}`)]
  const [label, fewest = 0] = target.counts.at(-1) ?? []
  if (fewest < ROWS_TO_STRATIFY) {
    const comment = `not stratified: ${quote(label ?? '')} has only ${counted(fewest, 'row')}`
    return [line(2, `split: {${fractions}}`, comment)]
  }
  return [line(2, `split: {${fractions}, stratify: true}`, 'the same shares of classes in each')]
}

function modelSection({ features, target, table, forecast }: StarterChoices): string {
  const layers = forecast ? forecastLayers(forecast) : [...bodyOf(features, table), lastLayer(target)]
  return `model:\n  layers:\n${layers.map((layer) => `    - ${layer}\n`).join('')}`
}

/**
 * The last value, which is scaled as the target is, with a linear change and what a network adds to it. Both see how the
 * values before differ from the last, so that they hold out of the range of the training rows. Training starts from
 * repeating the last value, and is drawn back to it.
 */
function forecastLayers({ steps }: Forecast): string[] {
  const change = 'type: dense, units: 1, kernel_initializer: zeros, kernel_regularizer: {type: l2, l2: 0.003}'
  return [
    `{type: reshape, target_shape: [${steps}, 1, 1]}`,
    `{type: cropping2d, cropping: [[${steps - 1}, 0], [0, 0]]}`,
    '{type: flatten, name: last}',
    '{type: flatten, from: input, name: past}',
    '{type: subtract, from: [past, last], name: changes}',
    '{type: dense, units: 32, activation: relu}',
    `{${change}, name: correction}`,
    `{${change}, from: changes, name: linear}`,
    '{type: add, from: [last, linear, correction]}',
  ]
}

function bodyOf(features: readonly FeatureChoice[], table: StarterChoices['table']): string[] {
  const dense = (units: number): string => `{type: dense, units: ${units}, activation: relu}`
  const { text, others } = inputsOf(features)
  if (text) {
    const embedding = `type: embedding, input_dim: ${MOST_TOKENS}, output_dim: 32, mask_zero: true`
    // The mean of no words is NaN.
    const pooling = text.missing > 0 ? 'global_max_pooling1d' : 'global_average_pooling1d'
    if (others.length === 0) return [`{${embedding}}`, pooling, dense(32)]
    return [
      `{${embedding}, from: text}`,
      `{type: ${pooling}, name: words}`,
      '{type: dense, units: 16, activation: relu, from: others, name: numbers}',
      '{type: concatenate, from: [words, numbers]}',
      dense(32),
    ]
  }
  const [array] = arraysIn(features, table)
  if (array?.shape.length === 3) {
    const convolution = (filters: number): string =>
      `{type: conv2d, filters: ${filters}, kernel_size: 3, activation: relu}`
    return [convolution(32), 'max_pooling2d', convolution(64), 'global_average_pooling2d', dense(64)]
  }
  const units = table.rows < 500 ? [16] : table.rows < 5000 ? [32, 16] : [64, 32]
  const flat = array && array.shape.length > 1 ? ['flatten'] : []
  return [...flat, ...units.map(dense)]
}

function lastLayer(target: TargetChoice): string {
  if (target.kind === 'numbers') return `{type: dense, units: ${target.width}}`
  if (isBinary(target)) return '{type: dense, units: 1, activation: sigmoid}'
  return '{type: dense, units: classes, activation: softmax}'
}

function lossOf(target: TargetChoice): string {
  if (target.kind === 'numbers') return 'mean_squared_error'
  return isBinary(target) ? 'binary_crossentropy' : 'categorical_crossentropy'
}

function metricsOf(target: TargetChoice): string[] {
  if (target.kind === 'numbers') return ['mean_absolute_error', 'r2_score']
  if (isBinary(target)) return ['accuracy', 'auc']
  return isWeighed(target) ? ['accuracy', 'f1_score'] : ['accuracy']
}

function fitSection({ target, table: { rows } }: StarterChoices): string {
  const batch = Math.min(128, Math.max(8, 2 ** Math.round(Math.log2(rows / 30))))
  const lines = [line(2, `batch_size: ${batch}`), line(2, 'epochs: 200')]
  if (target.kind === 'classes' && isImbalanced(target)) {
    const [label = '', fewest = 0] = target.counts.at(-1) ?? []
    const rows = `${quote(label)} has ${counted(fewest, 'row')}`
    if (isWeighed(target)) lines.push(line(2, 'class_weight: balanced', rows))
    else lines.push(line(2, `# class_weight: balanced  # ${rows}, too few to weigh as much as the others`))
  }
  const stop = '{type: early_stopping, monitor: val_loss, patience: 20, restore_best_weights: true}'
  return `fit:\n${lines.join('')}  callbacks:\n    - ${stop}\n`
}

function line(indent: number, text: string, comment?: string): string {
  return `${' '.repeat(indent)}${text}${comment === undefined ? '' : `  # ${comment}`}\n`
}

/** A value on one line of YAML. */
function scalar(value: unknown): string {
  const options = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 } as const
  const text = stringify(value, options).trimEnd()
  return text.includes('\n') ? JSON.stringify(value) : text
}
