import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const header = 'x,kind'
const rows = Array.from({ length: 24 }, (_, i) => `${i % 3},${[7, 2, 30][i % 3]}`)

const config = (data: string, fit = ''): string => `
data: {type: csv, path: rows.csv, ${data}, features: {transforms: {x: one_hot}}, split: {validation: 0, test: 0.25}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.3}, metrics: [accuracy]}
fit: {epochs: 15${fit}}
`
const named = 'target: {column: kind, classes: {2: hare, 7: fox, 30: owl}}'

it(
  'names for codes are shown in every figure and prediction, and true labels are read by their codes',
  { timeout: 120_000 },
  async () => {
    const cwd = await folderOf({
      'rows.csv': [header, ...rows].join('\n'),
      'new.csv': 'x,kind\n0,7\n1,2\n2,30\n',
      'nnlab.yaml': config(named, ', class_weight: {owl: 2}'),
    })
    expect(await nnlab(['train', '--run-dir', 'run', '--quiet'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    })
    const predicted = await nnlab(['predict', 'run', 'new.csv', '--quiet'], { cwd })
    const [titles = '', ...lines] = predicted.stdout.trimEnd().split('\n')
    expect(titles).toMatch(/^row,prediction,.*hare.*fox.*owl.*,target$/)
    expect(lines.map((line) => line.split(',')).map((cells) => [cells[1], cells.at(-1)])).toEqual([
      ['fox', 'fox'],
      ['hare', 'hare'],
      ['owl', 'owl'],
    ])
    const evaluated = await nnlab(['evaluate', 'run', '--data', 'new.csv', '--json', '--quiet'], { cwd })
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      metrics: { accuracy: 1 },
      per_class: [{ label: 'hare' }, { label: 'fox' }, { label: 'owl' }],
    })
    const inspected = await nnlab(['data', '--json'], { cwd })
    expect(JSON.parse(inspected.stdout)).toMatchObject({ labels: { dense: { hare: {}, fox: {}, owl: {} } } })
  },
)

it('a code that has no name is refused with the codes that have one', async () => {
  const cwd = await folderOf({
    'rows.csv': [header, ...rows, '1,8'].join('\n'),
    'nnlab.yaml': config(named),
  })
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(
      'rows.csv:26: 8 in column "kind" is not one of the 3 classes: 2, 7, 30',
    ) as unknown,
  })
})

it('the positive class is named by its name or its code', async () => {
  const binary = (positive: string): string => `
data: {type: csv, path: rows.csv, target: {column: kind, classes: {0: no, 1: yes}, positive: ${positive}}}
model: {layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, metrics: [precision]}
`
  const cwd = await folderOf({
    'rows.csv': [header, ...rows.map((_, i) => `${i},${i % 2}`)].join('\n'),
    'name.yaml': binary('no'),
    'code.yaml': binary('0'),
  })
  for (const file of ['name.yaml', 'code.yaml']) {
    expect(await nnlab(['train', file, '--run-dir', file.slice(0, 4), '--quiet'], { cwd })).toMatchObject({
      code: 0,
    })
    expect(await readFile(join(cwd, file.slice(0, 4), 'model', 'model.json'), 'utf8')).toContain(
      '"positive":"no"',
    )
  }
})
