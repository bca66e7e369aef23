import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { disagreements, Figures, LOSSES, mean, METRICS, sum } from './figures.ts'
import type { Row } from './figures.ts'
import { folderOf, nnlab } from './support.ts'

/*
 * The figures of train, evaluate and cv, recomputed in float64 from what `predict --digits full` writes, the rows of the
 * file and the saved weights, by formulas that are Keras's definitions and share no code with the program.
 */

const ROWS = 40
const STEPS = 3
const L2 = 0.03
const L1 = 0.02
const LOSS_WEIGHTS = [0.75, 1.5]

const OF_NUMBERS = [
  'mean_absolute_error',
  'mean_squared_error',
  'root_mean_squared_error',
  'mean_absolute_percentage_error',
  'r2_score',
]
const OF_CLASSES = ['accuracy', 'auc', 'precision', 'recall', 'f1_score', 'mean_absolute_error']

// -- nets ----------------------------------------------------------------------------------------------------------

type Scale = 'none' | 'standard' | 'min_max' | 'divide'

/** What an output compares: its loss, the last layer, and the columns of its target. */
type Output = {
  readonly loss: string
  readonly options?: string
  readonly layer: string
  readonly scale?: Scale
  readonly metrics: readonly string[]
  readonly target: string
  /** The target of a row of the file, as the metrics see it. */
  readonly truth: (row: Values) => number[]
  /** The columns of its predictions. */
  readonly columns: readonly string[]
}

/** The columns of a row of the file. */
type Values = Readonly<Record<'a' | 'b' | 'low' | 'high' | 'zero' | 'u' | 'v' | 'w', number>> & {
  readonly yesno: string
  readonly kind: string
}

/** Numbers of few bits, which float32 holds exactly, also divided by 64. */
const rounded = (x: number): number => Math.round(x * 64) / 64
const file: readonly Values[] = Array.from({ length: ROWS }, (_, i) => {
  const [s, t] = [Math.sin(i * 1.3), Math.cos(i * 2.1)]
  return {
    a: rounded(s),
    b: rounded(t),
    low: rounded(3 + 2 * s + Math.cos(i * 5.7)),
    high: rounded(3000 + 2 * t + Math.cos(i * 3.7)),
    // Float32 does not hold what a scaling makes of it.
    zero: i % 4 === 0 ? 0 : rounded(30 + 7 * s),
    u: Number(s + Math.cos(i * 4.1) > 0),
    v: Number(t - Math.sin(i * 2.9) > 0),
    w: 0.25 + (i % 5) / 4,
    yesno: s + Math.sin(i * 7.3) > 0.2 ? 'yes' : 'no',
    kind: ['red', 'green', 'blue'][Math.floor(Math.abs(s * 2.3 + t)) % 3] ?? '',
  }
})

function numbers(
  loss: string,
  scale: Scale,
  options = '',
  column: 'low' | 'high' | 'zero' = loss === 'poisson' ? 'low' : 'high',
): Output {
  const written = scale === 'divide' ? '{divide: 64}' : scale
  return {
    loss,
    options,
    layer: `units: 1${loss === 'poisson' ? ', activation: softplus' : ''}`,
    scale,
    metrics: OF_NUMBERS,
    target: `{column: ${column}, scale: ${written}}`,
    truth: (row) => [row[column]],
    columns: ['prediction'],
  }
}

const yesOrNo = (logits: boolean): Output => ({
  loss: 'binary_crossentropy',
  ...(logits && { options: 'from_logits: true' }),
  layer: `units: 1${logits ? '' : ', activation: sigmoid'}`,
  metrics: OF_CLASSES,
  target: '{column: yesno, positive: "yes"}',
  truth: (row) => [Number(row.yesno === 'yes')],
  columns: ['p_yes'],
})

const kinds = (logits: boolean): Output => ({
  loss: 'categorical_crossentropy',
  ...(logits && { options: 'from_logits: true' }),
  layer: `units: 3${logits ? '' : ', activation: softmax'}`,
  metrics: OF_CLASSES,
  target: '{column: kind, classes: [red, green, blue]}',
  truth: (row) => ['red', 'green', 'blue'].map((name) => Number(row.kind === name)),
  columns: ['p_red', 'p_green', 'p_blue'],
})

const severalLabels = (loss: string, options = '', activation = ''): Output => ({
  loss,
  options,
  layer: `units: 2${activation}`,
  metrics: OF_CLASSES.filter((name) => loss !== 'hinge' || name !== 'auc'),
  target: '{column: [u, v]}',
  truth: ({ u, v }) => [u, v],
  columns: ['prediction_u', 'prediction_v'],
})

const SCALES = ['none', 'standard', 'min_max', 'divide'] as const
const ofLosses: readonly Output[] = [
  ...SCALES.map((scale) => numbers('mean_squared_error', scale)),
  ...SCALES.map((scale) => numbers('mean_absolute_error', scale, '', 'zero')),
  ...SCALES.map((scale) => numbers('huber', scale, 'delta: 0.5')),
  numbers('poisson', 'none'),
  numbers('poisson', 'divide'),
  yesOrNo(false),
  yesOrNo(true),
  kinds(false),
  kinds(true),
  severalLabels('hinge', '', ', activation: tanh'),
  severalLabels('binary_crossentropy', 'from_logits: true'),
  severalLabels('binary_crossentropy', '', ', activation: sigmoid'),
]

type Net = {
  readonly outputs: readonly Output[]
  readonly weighted: boolean
  readonly windowed: boolean
  readonly best: boolean
}

/** Every loss and scale as the first and as the second output, and a third of them alone. */
const nets: readonly Net[] = ofLosses.flatMap((output, i) => {
  const other = ofLosses[(i * 5 + 7) % ofLosses.length] ?? output
  const pair = { outputs: [output, other], weighted: i % 2 === 1, windowed: i % 3 === 1, best: i % 4 === 2 }
  const alone = { outputs: [output], weighted: i % 2 === 0, windowed: i % 4 === 0, best: i % 5 === 1 }
  return i % 3 === 0 ? [pair, alone] : [pair]
})

const nameOf = ({ outputs, weighted, windowed, best }: Net): string =>
  [
    outputs
      .map(({ loss, options = '', scale }) => [loss, options, scale].filter(Boolean).join(' '))
      .join(' and '),
    weighted ? 'weights' : '',
    windowed ? 'windows' : '',
    best ? 'best' : '',
  ]
    .filter(Boolean)
    .join(', ')

function configOf({ outputs, weighted, windowed, best }: Net, split: string): string {
  const name = (i: number): string => `out${i}`
  const each = (value: (output: Output, i: number) => string): string =>
    outputs.length === 1
      ? value(outputs[0] ?? yesOrNo(false), 0)
      : `{${outputs.map((output, i) => `${name(i)}: ${value(output, i)}`).join(', ')}}`
  const metricsOf = ({ metrics }: Output): string =>
    `[${metrics.map((type) => (type === 'f1_score' ? '{type: f1_score, threshold: 0.5}' : type)).join(', ')}]`
  const metrics = each((output) =>
    output.columns.length === 3 ? `[${output.metrics.join(', ')}]` : metricsOf(output),
  )
  const layers = outputs.map(
    ({ layer }, i) =>
      `{type: dense, name: ${name(i)}, ${layer}, from: hidden, kernel_regularizer: {type: l2, l2: ${L2}}}`,
  )
  return `
name: net
seed: 5
data:
  type: csv
  path: rows.csv
  ${outputs.length === 1 ? 'target' : 'targets'}: ${each(({ target }) => target)}
  features: {columns: [a, b]}
  ${weighted ? 'sample_weight: w' : ''}
  ${windowed ? `window: {steps: ${STEPS}, series: series}` : ''}
  split: ${split}
model:
  input: [${windowed ? `${STEPS}, ` : ''}2]
  layers:
    ${windowed ? '- flatten' : ''}
    - {type: dense, name: hidden, units: 4, activation: tanh, bias_regularizer: {type: l1, l1: ${L1}}, bias_initializer: ones}
    ${layers.map((layer) => `- ${layer}`).join('\n    ')}
  outputs: [${outputs.map((_, i) => name(i)).join(', ')}]
compile:
  loss: ${each(({ loss, options }) => (options ? `{type: ${loss}, ${options}}` : loss))}
  ${outputs.length > 1 ? `loss_weights: {out0: ${LOSS_WEIGHTS[0]}, out1: ${LOSS_WEIGHTS[1]}}` : ''}
  optimizer: {type: adam, learning_rate: 0.02}
  metrics: ${metrics}
  ${weighted ? `weighted_metrics: ${metrics}` : ''}
fit: {epochs: 2, batch_size: 4}
checkpoint: {save: ${best ? 'best' : 'last'}}
`
}

// -- recomputing ---------------------------------------------------------------------------------------------------

/** The first and the last row + 1 of a split, in the order of the file. */
type Range = readonly [from: number, to: number]

/** The row of each target in a split: those that a whole window of its rows precedes. */
function targetRows([from, to]: Range, windowed: boolean): number[] {
  const first = windowed ? from + STEPS : from
  return Array.from({ length: to - first }, (_, i) => first + i)
}

const csvOf = (rows: readonly (readonly unknown[])[]): string =>
  `${rows.map((row) => row.join(',')).join('\n')}\n`

/** A file for the predictions of all rows; each window is a series of its own there. */
function newRows(windowed: boolean): string {
  if (!windowed) return csvOf([['a', 'b'], ...file.map(({ a, b }) => [a, b])])
  const windows = targetRows([0, ROWS], true).flatMap((row) =>
    file.slice(row - STEPS, row).map(({ a, b }) => [a, b, `s${row}`]),
  )
  return csvOf([['a', 'b', 'series'], ...windows])
}

/** Predictions by the row of their target, then by their column. */
async function predictions(cwd: string, run: string, windowed: boolean): Promise<Map<number, Figures>> {
  const { stdout, stderr, code } = await nnlab(['predict', run, 'new.csv', '--digits', 'full', '--quiet'], {
    cwd,
  })
  expect(code, stderr).toBe(0)
  const [header = '', ...lines] = stdout.trimEnd().split('\n')
  const names = header.split(',')
  const rows = lines.map((line) => {
    const values = line.split(',').map(Number)
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN]))
  })
  return new Map(rows.map((row, i) => [windowed ? i + STEPS : i, row]))
}

const Manifest = z.object({
  weightsManifest: z.array(
    z.object({ weights: z.array(z.object({ name: z.string(), shape: z.array(z.int()) })) }),
  ),
})

/** What the regularizers add to the loss. */
async function penaltyOf(folder: string): Promise<number> {
  const { weightsManifest } = Manifest.parse(
    JSON.parse(await readFile(join(folder, 'model/model.json'), 'utf8')),
  )
  const { buffer } = new Uint8Array(await readFile(join(folder, 'model/weights.bin')))
  let offset = 0
  let penalty = 0
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const size = shape.reduce((product, length) => product * length, 1)
    const values = Array.from(new Float32Array(buffer, offset, size))
    offset += 4 * size
    if (/^out\d\/kernel/.test(name)) penalty += L2 * sum(values.map((x) => x ** 2))
    if (/^hidden\/bias/.test(name)) penalty += L1 * sum(values.map(Math.abs))
  }
  expect(penalty).toBeGreaterThan(0)
  return penalty
}

/** The scale that the training rows give a target. */
function scaling(output: Output, train: readonly number[]): (x: number) => number {
  const values = train.flatMap((row) => output.truth(file[row] ?? never()))
  if (output.scale === 'divide') return (x) => x / 64
  if (output.scale === 'standard') {
    const center = mean(values)
    const deviation = Math.sqrt(mean(values.map((x) => (x - center) ** 2)))
    return (x) => (x - center) / deviation
  }
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return output.scale === 'min_max' ? (x) => (x - least) / (most - least) : (x) => x
}

function never(): never {
  throw new Error('no such row')
}

/** The figures of a split. */
async function recomputed(
  net: Net,
  folder: string,
  predicted: ReadonlyMap<number, Figures>,
  { split, train }: { split: Range; train: readonly number[] },
): Promise<Figures> {
  const several = net.outputs.length > 1
  const figures: Record<string, number> = {}
  let loss = await penaltyOf(folder)
  for (const [i, output] of net.outputs.entries()) {
    const prefix = several ? `out${i}_` : ''
    const rows = targetRows(split, net.windowed).map((row): Row => {
      const [truth, found] = [file[row] ?? never(), predicted.get(row) ?? never()]
      const p = output.columns.map((column) => found[`${prefix}${column}`] ?? never())
      return { y: output.truth(truth), p, w: net.weighted ? truth.w : 1 }
    })
    const scale = scaling(output, train)
    const own = mean(
      rows.map(({ y, p, w }) => w * (LOSSES[output.loss] ?? never)({ y: y.map(scale), p: p.map(scale), w })),
    )
    loss += own * (several ? (LOSS_WEIGHTS[i] ?? NaN) : 1)
    if (several) figures[`${prefix}loss`] = own
    for (const name of output.metrics) {
      const metric = METRICS[name] ?? never
      figures[`${prefix}${name}`] = metric(rows.map((row) => ({ ...row, w: 1 })))
      if (net.weighted) figures[`${prefix}${name}_1`] = metric(rows)
    }
  }
  return { loss, ...figures }
}

function expectFigures(actual: Figures, expected: Figures): void {
  expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted())
  expect(disagreements(actual, expected)).toEqual([])
}

/** The figures of validation rows, without their prefix. */
const ofValidation = (figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures)
      .filter(([name]) => name.startsWith('val_'))
      .map(([name, value]) => [name.slice('val_'.length), value]),
  )

async function folderFor(net: Net, split: string): Promise<string> {
  const names = ['a', 'b', 'low', 'high', 'zero', 'u', 'v', 'w', 'yesno', 'kind'] as const
  return folderOf({
    'nnlab.yaml': configOf(net, split),
    'rows.csv': csvOf([
      [...names, 'series'],
      ...file.map((row) => [...names.map((name) => row[name]), 'all']),
    ]),
    'new.csv': newRows(net.windowed),
  })
}

async function output(cwd: string, ...argv: string[]): Promise<unknown> {
  const ran = await nnlab([...argv, '--json', '--quiet'], { cwd })
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  return JSON.parse(ran.stdout)
}

describe('train and evaluate', () => {
  it.each(nets.map((net) => [nameOf(net), net] as const))('%s', async (_, net) => {
    const cwd = await folderFor(net, '{validation: 0.25, test: 0.25, shuffle: false}')
    const trained = z
      .object({ metrics: Figures, test: Figures })
      .parse(await output(cwd, 'train', '--run-dir', 'run'))
    const predicted = await predictions(cwd, 'run', net.windowed)
    const expected = (split: Range) =>
      recomputed(net, join(cwd, 'run'), predicted, { split, train: targetRows([0, 20], false) })
    const [validation, test] = [await expected([20, 30]), await expected([30, 40])]
    expectFigures(ofValidation(trained.metrics), validation)
    expectFigures(trained.test, test)
    const evaluated = z
      .object({ metrics: Figures })
      .parse(await output(cwd, 'evaluate', 'run', '--split', net.weighted ? 'validation' : 'test'))
    expectFigures(evaluated.metrics, net.weighted ? validation : test)
  })
})

describe('cv', () => {
  const some = nets.filter((_, i) => i % 6 === 3)
  it.each(some.map((net) => [nameOf(net), net] as const))('%s', async (_, net) => {
    const cwd = await folderFor(net, '{test: 0.25, shuffle: false}')
    const Fold = z.object({ run: z.string(), metrics: Figures, test: Figures })
    const { runs, metrics } = z
      .object({
        runs: z.array(Fold),
        metrics: z.record(z.string(), z.object({ mean: z.number(), deviation: z.number() })),
      })
      .parse(await output(cwd, 'cv', '--folds', '2'))
    const blocks: [Range, Range] = [
      [0, 15],
      [15, 30],
    ]
    const folds = await Promise.all(
      runs.map(async ({ run, metrics: figures, test }, i) => {
        const predicted = await predictions(cwd, run, net.windowed)
        const train = targetRows(blocks[1 - i] ?? never(), false)
        const of = (split: Range) => recomputed(net, join(cwd, run), predicted, { split, train })
        const expected = await of(blocks[i] ?? never())
        expectFigures(ofValidation(figures), expected)
        expectFigures(test, await of([30, 40]))
        return expected
      }),
    )
    const [first = {}, second = {}] = folds
    const spread = (of: (a: number, b: number) => number): Figures =>
      Object.fromEntries(Object.entries(first).map(([name, a]) => [name, of(a, second[name] ?? NaN)]))
    const found = (key: 'mean' | 'deviation'): Figures =>
      ofValidation(Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value[key]])))
    expectFigures(
      found('mean'),
      spread((a, b) => (a + b) / 2),
    )
    const size = spread((a, b) => Math.abs(a) + Math.abs(b))
    for (const [name, deviation] of Object.entries(spread((a, b) => Math.abs(a - b) / Math.SQRT2)))
      expect(Math.abs((found('deviation')[name] ?? NaN) - deviation)).toBeLessThan(
        1e-6 + 1e-5 * (size[name] ?? NaN),
      )
  })
})
