import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readGolden } from '../golden/golden.ts'
import { folderOf, nnlab } from './support.ts'

const Numbers = z.array(z.number())
const Figures = z.record(z.string(), z.number())
const golden = readGolden(
  'step_weights',
  z.object({
    batch: z.int(),
    trainings: z.array(
      z.object({
        name: z.string(),
        loss: z.string(),
        masked: z.boolean(),
        class_weight: Numbers.nullable(),
        weigh: z.enum(['steps', 'rows', 'nothing']),
        rows: z.array(
          z.object({
            split: z.string(),
            x: z.array(Numbers),
            y: Numbers,
            w: z.union([z.number(), Numbers]),
          }),
        ),
        fit: Figures,
        test: Figures,
        unweighted_test: Figures,
      }),
    ),
  }),
)

type Training = (typeof golden)['trainings'][number]

const oneHot = (label: number): number[] => [0, 1, 2].map((i) => Number(i === label))

function configOf({ loss, masked, class_weight, weigh }: Training, engine: string): string {
  const isNumeric = loss === 'mean_squared_error'
  const units = isNumeric || loss === 'binary_crossentropy' ? 1 : 3
  const activation = isNumeric ? 'linear' : units > 1 ? 'softmax' : 'sigmoid'
  const classes = class_weight ? `, class_weight: {${class_weight.map((w, i) => `"${i}": ${w}`).join()}}` : ''
  const metric = isNumeric ? 'mean_absolute_error' : 'accuracy'
  return `
data:
  type: jsonl
  path: all.jsonl
  target: y
  features: {columns: [x]}
  split: {column: split}
  ${weigh === 'nothing' ? '' : 'sample_weight: w'}
model:
  input: [3, 2]
  layers:
    ${masked ? '- masking' : ''}
    - {type: dense, units: 4, activation: tanh, kernel_initializer: identity}
    - {type: dense, units: ${units}, activation: ${activation}, kernel_initializer: ${units > 1 ? 'identity' : 'ones'}}
compile:
  loss: ${loss}
  optimizer: {type: sgd, learning_rate: 0.1}
  metrics: [${metric}]
  weighted_metrics: [${metric}]
fit: {epochs: 1, batch_size: ${golden.batch}, shuffle: false, engine: ${engine}${classes}}
`
}

/** The rows as a file holds them; labels are one-hot where the loss compares such. */
function linesOf({ rows, loss }: Training, weighted = true): string {
  const lines = rows.map(({ y, w, ...row }) =>
    JSON.stringify({
      ...row,
      y: loss === 'categorical_crossentropy' ? y.map(oneHot) : y,
      ...(weighted && { w }),
    }),
  )
  return `${lines.join('\n')}\n`
}

async function trained(training: Training, engine: string, ...flags: string[]): Promise<string> {
  const test = { ...training, rows: training.rows.filter(({ split }) => split === 'test') }
  const cwd = await folderOf({
    'nnlab.yaml': configOf(training, engine),
    'all.jsonl': linesOf(training),
    'test.jsonl': linesOf(test),
    'unweighted.jsonl': linesOf(test, false),
  })
  const ran = await nnlab(['train', '--quiet', '--run-dir', 'run', ...flags], { cwd })
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  return cwd
}

async function evaluated(cwd: string, ...flags: string[]): Promise<z.output<typeof Figures>> {
  const { stdout } = await nnlab(['evaluate', 'run', '--json', ...flags], { cwd })
  return z.object({ metrics: Figures }).parse(JSON.parse(stdout)).metrics
}

async function historyOf(cwd: string): Promise<z.output<typeof Figures>> {
  const [names = '', values = ''] = (await readFile(join(cwd, 'run/history.csv'), 'utf8')).split('\n')
  const numbers = values.split(',').map(Number)
  return Object.fromEntries(names.split(',').map((name, i) => [name, numbers[i] ?? NaN]))
}

/** Keras's names of metrics in both lists are those of nnlab with another prefix. */
function expectFigures(actual: z.output<typeof Figures>, wanted: z.output<typeof Figures>): void {
  for (const [name, value] of Object.entries(wanted)) {
    const ours = name.includes('weighted_') ? `${name.replace('weighted_', '')}_1` : name
    expect(actual[ours], name).toBeCloseTo(value, 5)
  }
}

describe.each(['compiled', 'tfjs'])('on the engine %s', (engine) => {
  it.each(golden.trainings.map((training) => [training.name, training] as const))(
    'steps of a row weigh as in Keras: %s',
    async (_, training) => {
      const cwd = await trained(training, engine)
      const [names = '', values = ''] = (await readFile(join(cwd, 'run/history.csv'), 'utf8')).split('\n')
      const numbers = values.split(',').map(Number)
      expectFigures(
        Object.fromEntries(names.split(',').map((name, i) => [name, numbers[i] ?? NaN])),
        training.fit,
      )
      expectFigures(await evaluated(cwd), training.test)
      expectFigures(await evaluated(cwd, '--data', 'test.jsonl'), training.test)
      expectFigures(await evaluated(cwd, '--data', 'unweighted.jsonl'), training.unweighted_test)
    },
  )
})

const [plain] = golden.trainings
const masked = golden.trainings.find((training) => training.masked)
const weighted = golden.trainings.find(({ masked, class_weight }) => masked && class_weight)

it('parts of a batch add up to it', async () => {
  if (!weighted) throw new Error('no such training')
  expectFigures(await historyOf(await trained(weighted, 'compiled', '--set=fit.parts=3')), weighted.fit)
})

it.each([
  ['all steps', plain, () => true],
  ['those that are not masked', masked, (step: number[]) => step.some((x) => x !== 0)],
])('balanced classes have one total weight over %s', async (_, found, counts) => {
  if (!found) throw new Error('no such training')
  const training = { ...found, class_weight: null, weigh: 'nothing' as const }
  const labels = training.rows
    .filter(({ split }) => split === 'train')
    .flatMap(({ x, y }) => y.filter((_, step) => counts(x[step] ?? [])))
  const count = (label: number): number => labels.filter((one) => one === label).length
  const written = [0, 1, 2].map((label) => labels.length / (3 * count(label)))
  const balanced = await trained(training, 'compiled', '--set=fit.class_weight=balanced')
  expectFigures(
    await historyOf(await trained({ ...training, class_weight: written }, 'compiled')),
    await historyOf(balanced),
  )
})

it('columns of weights weigh as an array of them does', async () => {
  if (!plain) throw new Error('no such training')
  const columns = plain.rows.map(({ split, x, y, w }) => {
    const [a, b, c] = [w].flat()
    return `${JSON.stringify({ split, x, y, a, b, c })}\n`
  })
  const cwd = await folderOf({
    'nnlab.yaml': configOf(plain, 'compiled').replace('sample_weight: w', 'sample_weight: [a, b, c]'),
    'all.jsonl': columns.join(''),
    'unweighted.jsonl': linesOf(
      { ...plain, rows: plain.rows.filter(({ split }) => split === 'test') },
      false,
    ),
  })
  expect(await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  expectFigures(await historyOf(cwd), plain.fit)
  expectFigures(await evaluated(cwd), plain.test)
  expectFigures(await evaluated(cwd, '--data', 'unweighted.jsonl'), plain.unweighted_test)
})

it.each([
  [
    'another number of steps',
    [1, 2],
    /"w" has 2 sample weights a row, but .* \[3, 3\]: expected one, or one for each of 3 steps/,
  ],
  ['a weight below 0', [1, -1, 0], /all\.jsonl:1: -1 in "w" is not a sample weight/],
])('weights of steps are refused: %s', async (_, w, message) => {
  if (!plain) throw new Error('no such training')
  const cwd = await folderOf({
    'nnlab.yaml': configOf(plain, 'compiled'),
    'all.jsonl': linesOf({ ...plain, rows: plain.rows.map((row) => ({ ...row, w })) }),
  })
  const { code, stderr } = await nnlab(['train', '--quiet'], { cwd })
  expect(stderr).toMatch(message)
  expect(code).toBe(4)
})
