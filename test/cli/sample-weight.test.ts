import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { readGolden } from '../golden/golden.ts'
import { folderOf, nnlab } from './support.ts'

const Figures = z.record(z.string(), z.number())
const golden = readGolden(
  'sample_weight',
  z.object({
    batch: z.int(),
    rows: z.array(z.object({ split: z.string(), x: z.array(z.number()), y: z.number(), weight: z.number() })),
    trainings: z.array(
      z.object({
        class_weight: z.array(z.number()).nullable(),
        fit: Figures,
        test: Figures,
        unweighted_test: Figures,
      }),
    ),
  }),
)

type Row = (typeof golden)['rows'][number]
type Training = (typeof golden)['trainings'][number]

/** The data section for rows that are split in each way that there is. */
const sources = {
  files: 'path: {train: train.csv, validation: validation.csv, test: test.csv}',
  column: 'path: all.csv, split: {column: split}',
  fractions: 'path: all.csv, split: {validation: 0.35, test: 0.25, shuffle: false}',
}

function csvOf(rows: readonly Row[], weighted = true): string {
  const lines = rows.map(({ x, y, weight, split }) => [...x, y, split, ...(weighted ? [weight] : [])].join())
  return [`a,b,c,y,split${weighted ? ',w' : ''}`, ...lines, ''].join('\n')
}

async function trained(source: string, { class_weight }: Training, engine: string): Promise<string> {
  const classes = class_weight ? `, class_weight: {${class_weight.map((w, i) => `"${i}": ${w}`).join()}}` : ''
  const of = (split: string) => golden.rows.filter((row) => row.split === split)
  const cwd = await folderOf({
    'nnlab.yaml': `
data: {type: csv, ${source}, target: y, features: {columns: [a, b, c]}, sample_weight: w}
model:
  input: [3]
  layers:
    - {type: dense, units: 4, activation: tanh, kernel_initializer: {type: constant, value: 0.2}}
    - {type: dense, units: 1, activation: sigmoid, kernel_initializer: ones, kernel_regularizer: {type: l2, l2: 0.05}}
compile:
  loss: binary_crossentropy
  optimizer: {type: sgd, learning_rate: 0.1}
  metrics: [accuracy]
  weighted_metrics: [binary_accuracy, mean_absolute_error]
fit: {epochs: 1, batch_size: ${golden.batch}, shuffle: false, engine: ${engine}${classes}}
`,
    'all.csv': csvOf(golden.rows),
    'train.csv': csvOf(of('train')),
    'validation.csv': csvOf(of('validation')),
    'test.csv': csvOf(of('test')),
    'unweighted.csv': csvOf(of('test'), false),
  })
  const ran = await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  return cwd
}

async function historyOf(cwd: string): Promise<z.output<typeof Figures>> {
  const [names = '', values = ''] = (await readFile(join(cwd, 'run/history.csv'), 'utf8')).split('\n')
  const numbers = values.split(',')
  return Object.fromEntries(names.split(',').map((name, i) => [name, Number(numbers[i])]))
}

async function evaluated(cwd: string, ...flags: string[]): Promise<z.output<typeof Figures>> {
  const { stdout } = await nnlab(['evaluate', 'run', '--json', ...flags], { cwd })
  return z.object({ metrics: Figures }).parse(JSON.parse(stdout)).metrics
}

function expectFigures(actual: z.output<typeof Figures>, expected: z.output<typeof Figures>): void {
  for (const [name, value] of Object.entries(expected)) expect(actual[name], name).toBeCloseTo(value, 5)
}

function valuesOf(figures: z.output<typeof Figures>): z.output<typeof Figures> {
  const values = Object.entries(figures).filter(([name]) => name.startsWith('val_'))
  return Object.fromEntries(values.map(([name, value]) => [name.slice('val_'.length), value]))
}

const trainings = golden.trainings.map((training) => ({
  training,
  name: training.class_weight ? 'sample and class weights' : 'sample weights',
}))

describe.each(['compiled', 'tfjs'])('on the engine %s', (engine) => {
  describe.each(trainings)('with $name', ({ training }) => {
    it.each(Object.entries(sources))(
      'the loss and the weighted metrics of every split are those of Keras: rows split by %s',
      async (_, source) => {
        const cwd = await trained(source, training, engine)
        expectFigures(await historyOf(cwd), training.fit)
        expectFigures(await evaluated(cwd, '--split', 'validation'), valuesOf(training.fit))
        expectFigures(await evaluated(cwd), training.test)
      },
    )

    it('new rows are weighted if they have the column of weights', async () => {
      const cwd = await trained(sources.files, training, engine)
      expectFigures(await evaluated(cwd, '--data', 'test.csv'), training.test)
      expectFigures(await evaluated(cwd, '--data', 'unweighted.csv'), training.unweighted_test)
    })
  })
})
