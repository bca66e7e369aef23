import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'
import * as z from 'zod'

import { loadModel } from '../../src/run/model-files.ts'
import { folderOf, nnlab } from '../cli/support.ts'

const LAYERS = [
  '{type: reshape, target_shape: [8, 8, 1]}',
  '{type: conv2d, filters: 16, kernel_size: 3, activation: relu}',
  '{type: conv2d, filters: 16, kernel_size: 3, activation: relu}',
  '{type: global_average_pooling2d, name: features}',
]
const HEAD = '{type: dense, units: classes, activation: softmax}'
const FROZEN = LAYERS.map((layer) => layer.replace('}', ', trainable: false}'))

const config = (name: string, rows: string, model: string): string => `
name: ${name}
data:
  type: csv
  path: ${rows}.csv
  target: digit
  features: {scale: {divide: 16}}
  split: {test: 0.2, stratify: true}
model: ${model}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.01}, metrics: [accuracy]}
fit: {epochs: 15}
`

const Result = z.object({ test: z.object({ accuracy: z.number() }) })

/** The first and the last five digits, each in a file. */
async function halves(): Promise<{ low: string; high: string }> {
  const [title = '', ...rows] = (await readFile('configs/data/digits.csv', 'utf8')).trimEnd().split('\n')
  const of = (isHigh: boolean): string =>
    [title, ...rows.filter((row) => Number(row.split(',').at(-1)) >= 5 === isHigh)].join('\n')
  return { low: of(false), high: of(true) }
}

it('features of five digits tell five others at least 2 points better than random ones, in the mean of five seeds', async () => {
  const { low, high } = await halves()
  const cwd = await folderOf({
    'low.csv': low,
    'high.csv': high,
    'base.yaml': config('base', 'low', `{layers: [${[...LAYERS, HEAD].join(', ')}]}`),
    'tuned.yaml': config(
      'tuned',
      'high',
      `{from: runs/base/latest, until: features, freeze: ['*'], layers: [${HEAD}]}`,
    ),
    'random.yaml': config('random', 'high', `{layers: [${[...FROZEN, HEAD].join(', ')}]}`),
  })
  const accuracy = async (name: string, seed: number): Promise<number> => {
    const argv = ['train', `${name}.yaml`, '--set', `seed=${seed}`, '--json', '--quiet']
    const { code, stdout } = await nnlab(argv, { cwd })
    expect(code).toBe(0)
    return Result.parse(JSON.parse(stdout)).test.accuracy
  }
  const gains: number[] = []
  for (let seed = 1; seed <= 5; seed++) {
    await accuracy('base', seed)
    gains.push((await accuracy('tuned', seed)) - (await accuracy('random', seed)))
    const [base, tuned] = await Promise.all(
      ['base', 'tuned'].map((name) => loadModel(join(cwd, 'runs', name, 'latest'))),
    )
    for (const id of ['conv2d/kernel', 'conv2d/bias', 'conv2d_1/kernel', 'conv2d_1/bias'])
      expect(tuned?.weights.get(id), id).toEqual(base?.weights.get(id))
  }
  expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length, gains.join(' ')).toBeGreaterThanOrEqual(
    0.02,
  )
})
