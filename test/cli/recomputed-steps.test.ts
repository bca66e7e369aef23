import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { disagreements, Figures, LOSSES, mean, METRICS } from './figures.ts'
import type { Row } from './figures.ts'
import { folderOf, nnlab } from './support.ts'

/*
 * The figures of targets of several steps, recomputed in float64 from the numbers that the model writes for each window
 * and the rows of the file, each of which weighs its own step.
 */

const ROWS = 40
const STEPS = 3
const AHEAD = 2
const KINDS = ['red', 'green', 'blue']

type Values = Readonly<Record<'a' | 'p' | 'q' | 'w', number>> & {
  readonly kind: string
  readonly yesno: string
}
const rounded = (x: number): number => Math.round(x * 64) / 64
const file: readonly Values[] = Array.from({ length: ROWS }, (_, i) => ({
  a: rounded(Math.sin(i * 1.3)),
  p: i % 5 === 0 ? 0 : rounded(30 + 7 * Math.sin(i)),
  q: rounded(3000 + 2 * Math.cos(i * 2.1)),
  w: 0.25 + (i % 5) / 4,
  kind: KINDS[Math.floor(Math.abs(2.3 * Math.sin(i * 1.3) + Math.cos(i * 2.1))) % 3] ?? '',
  yesno: Math.sin(i * 7.3) > 0.2 ? 'yes' : 'no',
}))

type Net = {
  readonly target: string
  readonly loss: string
  readonly activation: string
  readonly metrics: readonly string[]
  /** The numbers of a row's target. */
  readonly truth: (row: Values) => number[]
  readonly scale?: 'standard' | 'min_max'
  readonly fit?: string
}

const OF_NUMBERS = ['mean_absolute_error', 'mean_absolute_percentage_error', 'r2_score']
const OF_CLASSES = ['accuracy', 'auc', 'precision', 'recall']
const forecast = (loss: string, scale?: Net['scale']): Net => ({
  target: `{column: [p, q]${scale ? `, scale: ${scale}` : ''}}`,
  loss,
  activation: 'linear',
  metrics: OF_NUMBERS,
  truth: ({ p, q }) => [p, q],
  ...(scale && { scale }),
})

const NETS: Readonly<Record<string, Net>> = {
  'numbers as they are': forecast('mean_squared_error'),
  'standard scores': forecast('huber', 'standard'),
  'numbers between 0 and 1': forecast('mean_absolute_error', 'min_max'),
  'classes, weighted': {
    target: `{column: kind, classes: [${KINDS.join(', ')}]}`,
    loss: 'categorical_crossentropy',
    activation: 'softmax',
    metrics: OF_CLASSES,
    truth: ({ kind }) => KINDS.map((name) => Number(name === kind)),
    fit: 'class_weight: balanced',
  },
  'yes or no, weighted': {
    target: '{column: yesno, positive: "yes"}',
    loss: 'binary_crossentropy',
    activation: 'sigmoid',
    metrics: OF_CLASSES,
    truth: ({ yesno }) => [Number(yesno === 'yes')],
    fit: 'class_weight: {"yes": 3, "no": 0.5}',
  },
}

function configOf({ target, loss, activation, metrics, truth, fit = 'shuffle: true' }: Net): string {
  const units = truth(file[0] ?? never()).length
  return `
name: steps
data:
  type: csv
  path: rows.csv
  target: ${target}
  features: {columns: [a, p]}
  sample_weight: w
  window: {steps: ${STEPS}, target_steps: ${AHEAD}}
  split: {validation: 0.25, test: 0.25, shuffle: false}
model:
  layers:
    - flatten
    - {type: dense, units: ${AHEAD * units}, kernel_initializer: {type: random_normal, stddev: 0.02}}
    - {type: reshape, target_shape: [${AHEAD}, ${units}]}
    - {type: activation, name: out, activation: ${activation}}
compile:
  loss: ${loss === 'huber' ? '{type: huber, delta: 0.5}' : loss}
  optimizer: {type: sgd, learning_rate: 0.001}
  metrics: [${metrics.join(', ')}]
  weighted_metrics: [${metrics[0]}]
fit: {epochs: 1, batch_size: 6, ${fit}}
`
}

function never(): never {
  throw new Error('no such row')
}

/** What makes numbers of a training row's target those that the model compares, by the index of a unit. */
function scalingsOf({ truth, scale }: Net): ((x: number, unit: number) => number)[] {
  const rows = file.slice(0, ROWS / 2).map(truth)
  return (rows[0] ?? []).map((_, unit) => {
    const values = rows.map((row) => row[unit] ?? NaN)
    const [least, most, center] = [Math.min(...values), Math.max(...values), mean(values)]
    const deviation = Math.sqrt(mean(values.map((x) => (x - center) ** 2)))
    if (scale === 'standard') return (x) => (x - center) / deviation
    return scale === 'min_max' ? (x) => (x - least) / (most - least) : (x) => x
  })
}

async function output(cwd: string, ...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await nnlab([...argv, '--quiet'], { cwd })
  expect(code, stderr).toBe(0)
  return stdout
}

describe('of targets of several steps, evaluate and report tell what predictions come to', () => {
  it.each(Object.entries(NETS))('%s', async (_, net) => {
    const names = ['a', 'p', 'q', 'w', 'kind', 'yesno'] as const
    const lines = [names, ...file.map((row) => names.map((name) => row[name]))].map((row) => row.join(','))
    const cwd = await folderOf({ 'nnlab.yaml': configOf(net), 'rows.csv': `${lines.join('\n')}\n` })
    const trained = z
      .object({ metrics: Figures, test: Figures })
      .parse(JSON.parse(await output(cwd, 'train', '--run-dir', 'run', '--json')))

    // The numbers of the last layer: scaled, of each step and unit of a window.
    const predict = ['predict', 'run', 'rows.csv', '--backtest', '--output-layer', 'out', '--digits', 'full']
    const [, ...predicted] = (await output(cwd, ...predict)).trimEnd().split('\n')
    const scalings = scalingsOf(net)
    const units = scalings.length
    const windows = predicted.map((line) => {
      const [row = NaN, ...numbers] = line.split(',').map(Number)
      return Array.from({ length: AHEAD }, (__, step) => {
        const { w } = file[row - 1 + step] ?? never()
        const y = net.truth(file[row - 1 + step] ?? never())
        const scaled = numbers.slice(step * units, (step + 1) * units)
        return { scaled: { y: y.map((x, k) => scalings[k]?.(x, k) ?? NaN), p: scaled, w }, y, row }
      })
    })
    expect(windows).toHaveLength(ROWS - STEPS - AHEAD + 1)
    const inOwnUnit = (unit: number, x: number): number => {
      const at = (given: number): number => scalings[unit]?.(given, unit) ?? NaN
      return (x - at(0)) / (at(1) - at(0))
    }
    const expected = (first: number, end: number): Figures => {
      const chosen = windows.flat().filter(({ row }) => row - 1 >= first + STEPS && row - 1 + AHEAD <= end)
      const steps = chosen.map(({ scaled, y }): Row => ({
        ...scaled,
        y,
        p: scaled.p.map((x, k) => inOwnUnit(k, x)),
      }))
      const lossOf = LOSSES[net.loss] ?? never
      const [main = ''] = net.metrics
      return {
        loss: mean(chosen.map(({ scaled }) => scaled.w * lossOf(scaled))),
        ...Object.fromEntries(
          net.metrics.map((name) => [name, (METRICS[name] ?? never)(steps.map((row) => ({ ...row, w: 1 })))]),
        ),
        [`${main}_1`]: (METRICS[main] ?? never)(steps),
      }
    }
    const test = expected(30, 40)
    const validation = Object.fromEntries(
      Object.entries(expected(20, 30)).map(([name, value]) => [`val_${name}`, value]),
    )
    expect(disagreements(trained.test, test)).toEqual([])
    expect(disagreements(trained.metrics, validation)).toEqual([])
    const Evaluated = z.object({ metrics: Figures })
    const evaluated = Evaluated.parse(JSON.parse(await output(cwd, 'evaluate', 'run', '--explain', '--json')))
    expect(evaluated.metrics).toEqual(trained.test)
    const all = Evaluated.parse(
      JSON.parse(await output(cwd, 'evaluate', 'run', '--data', 'rows.csv', '--json')),
    )
    expect(disagreements(all.metrics, expected(0, ROWS))).toEqual([])
    const report = await output(cwd, 'report', 'run', '--format', 'json', '-o', '-')
    expect(z.object({ evaluation: Evaluated }).parse(JSON.parse(report)).evaluation.metrics).toEqual(
      trained.test,
    )
  })
})
