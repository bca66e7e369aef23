import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const Values = z.record(z.string(), z.number())
const Trained = z.object({ positive: z.unknown(), metrics: Values, weights_sha256: z.string() })
const Evaluated = z.object({
  positive: z.unknown(),
  metrics: Values,
  per_class: z.array(z.object({ label: z.string(), precision: z.number(), recall: z.number() })),
})

/** Rows of two labels, every fourth of the first, as far apart as a net can learn in part. */
function csvOf([first, second]: readonly [string, string], rows = 80): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const isFirst = i % 4 === 0
    return `${Math.sin(i * 7.3) + (isFirst ? 1.2 : 0)},${Math.cos(i * 3.1)},${isFirst ? first : second}`
  })
  return ['x,y,label', ...lines, ''].join('\n')
}

const config = (target: string, more = '') => `
seed: 3
data: {type: csv, path: rows.csv, target: ${target}, features: {scale: standard}, split: {test: 0.25${more}}}
model: {input: [2], layers: [{type: dense, units: 1, activation: sigmoid}]}
compile:
  loss: binary_crossentropy
  optimizer: {type: adam, learning_rate: 0.1}
  metrics: [precision, recall, {type: auc, curve: PR}, {type: f1_score, threshold: 0.5}, auc]
fit: {epochs: 4, batch_size: 16}
`

async function run(labels: readonly [string, string], target: string) {
  const cwd = await folderOf({ 'nnlab.yaml': config(target), 'rows.csv': csvOf(labels) })
  const ran = await nnlab(['train', '--json', '--run-dir', 'run'], { cwd })
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  return { cwd, stderr: ran.stderr, trained: Trained.parse(JSON.parse(ran.stdout)) }
}

async function evaluated(cwd: string, ...flags: string[]) {
  const { stdout } = await nnlab(['evaluate', 'run', '--json', ...flags], { cwd })
  return Evaluated.parse(JSON.parse(stdout))
}

describe.each([
  // The first label is the rarer one.
  [['fraud', 'ok'], 'label', 'fraud'],
  [['spam', 'ham'], 'label', 'spam'],
  [['ok', 'fraud'], '{column: label, classes: [fraud, ok]}', 'ok'],
  [['ok', 'fraud'], '{column: label, classes: [ok, fraud]}', 'fraud'],
  [['ok', 'fraud'], '{column: label, classes: [ok, fraud], positive: ok}', 'ok'],
  [['ok', 'fraud'], '{column: label, positive: fraud}', 'fraud'],
  [['0', '1'], 'label', '1'],
  [['1', '0'], 'label', '1'],
  [['0', '1'], '{column: label, positive: 0}', '0'],
  [['no', 'yes'], 'label', 'yes'],
  [['Yes', 'never'], 'label', 'Yes'],
  [['False', 'True'], 'label', 'True'],
  [['False', 'True'], '{column: label, positive: false}', 'False'],
] as const)('of the labels %s with target: %s', (labels, target, positive) => {
  it(`${positive} is positive, in every figure`, async () => {
    const { cwd, stderr, trained } = await run(labels, target)
    expect(trained.positive).toBe(positive)
    expect(stderr).toContain(`are of the positive class, ${positive} (data.target.positive)`)
    const { metrics, per_class, ...found } = await evaluated(cwd)
    expect(found.positive).toBe(positive)
    const own = per_class.find(({ label }) => label === positive)
    expect([metrics['precision'], metrics['recall']]).toEqual([own?.precision, own?.recall])
    // The output of the saved net is the probability of the positive class.
    const { stdout } = await nnlab(['predict', 'run', 'rows.csv', '--json'], { cwd })
    const rows = z
      .array(z.object({ prediction: z.string(), probabilities: Values }))
      .parse(JSON.parse(stdout))
    for (const { prediction, probabilities } of rows)
      expect(prediction === positive).toBe((probabilities[positive] ?? 0) > 0.5)
  })
})

it('which class is positive changes no class, no split and no fold, and is written into spec.json', async () => {
  const { cwd, trained } = await run(['fraud', 'ok'], 'label')
  const named = await run(['fraud', 'ok'], '{column: label, positive: fraud}')
  expect(named.trained).toEqual(trained)
  const other = await run(['fraud', 'ok'], '{column: label, positive: ok}')
  const [first, second] = [await evaluated(cwd), await evaluated(other.cwd)]
  expect(first.per_class.map(({ label }) => label)).toEqual(['fraud', 'ok'])
  expect(second.per_class.map(({ label }) => label)).toEqual(['fraud', 'ok'])
  const spec: unknown = JSON.parse(await readFile(join(cwd, 'run/spec.json'), 'utf8'))
  expect(spec).toMatchObject({ data: { target: { column: 'label', positive: 'fraud' } } })
})

it('is that of the run for resumed epochs and new rows, and one for all folds', async () => {
  const { cwd } = await run(['fraud', 'ok'], 'label')
  const resumed = await nnlab(['train', 'nnlab.yaml', '--resume', 'run', '--set', 'fit.epochs=5', '--json'], {
    cwd,
  })
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 })
  expect(JSON.parse(resumed.stdout)).toMatchObject({ positive: 'fraud', epochs: 5 })
  const changed = await nnlab(
    ['train', 'nnlab.yaml', '--resume', 'run', '--set', 'data.target={column: label, positive: ok}'],
    { cwd },
  )
  expect(changed.code).toBe(6)
  expect(changed.stderr).toContain('data.target.positive: "fraud" -> "ok"')
  // In these rows ok is the rarer label.
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(cwd, 'new.csv'), csvOf(['ok', 'fraud']))
  const { positive, metrics, per_class } = await evaluated(cwd, '--data', 'new.csv')
  expect(positive).toBe('fraud')
  expect(metrics['recall']).toBe(per_class[0]?.recall)
  const folds = await nnlab(['cv', '--folds', '3', '--json', '--quiet'], { cwd })
  expect(JSON.parse(folds.stdout)).toMatchObject({ positive: 'fraud', folds: 3 })
})

it('data of files for each split is counted as a whole', async () => {
  const cwd = await folderOf({
    'nnlab.yaml': config('label').replace('path: rows.csv', 'path: {train: a.csv, validation: b.csv}'),
    'a.csv': csvOf(['fraud', 'ok'], 8),
    'b.csv': csvOf(['ok', 'fraud'], 40),
  })
  const { stdout } = await nnlab(['train', '--json', '--quiet'], { cwd })
  expect(JSON.parse(stdout)).toMatchObject({ positive: 'ok' })
})

it('inline rows and several outputs name theirs', async () => {
  const inline = `
data: {type: inline, inputs: [[0], [1], [0], [1]], targets: [up, down, up, down], target: {positive: down}}
model: {input: [1], layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, metrics: [recall]}
fit: {epochs: 1}
`
  const several = `
data:
  type: jsonl
  path: rows.jsonl
  features: {columns: [x]}
  targets: {a: a, b: {column: b, positive: n}}
model:
  input: [1]
  layers:
    - {type: dense, name: a, units: 1, activation: sigmoid, from: input}
    - {type: dense, name: b, units: 1, activation: sigmoid, from: input}
  outputs: [a, b]
compile: {loss: binary_crossentropy, metrics: [recall]}
fit: {epochs: 1}
`
  const rows = ['{"x":1,"a":"q","b":"n"}', '{"x":2,"a":"p","b":"m"}', '{"x":3,"a":"q","b":"m"}', '']
  const cwd = await folderOf({ 'a.yaml': inline, 'b.yaml': several, 'rows.jsonl': rows.join('\n') })
  const one = await nnlab(['train', 'a.yaml', '--json'], { cwd })
  expect(JSON.parse(one.stdout)).toMatchObject({ positive: 'down' })
  const two = await nnlab(['train', 'b.yaml', '--json'], { cwd })
  expect(JSON.parse(two.stdout)).toMatchObject({ positive: { a: 'p', b: 'n' } })
  expect(two.stderr).toContain('a_recall is of the positive class, p')
})

it('metrics of several classes say which they count', async () => {
  const cwd = await folderOf({
    'nnlab.yaml': `
data: {type: dataset, name: iris}
model: {input: [4], layers: [{type: dense, units: 3, activation: softmax}]}
compile: {loss: categorical_crossentropy, metrics: [precision, {type: recall, class_id: 2}]}
fit: {epochs: 1}
`,
  })
  const { stderr } = await nnlab(['train'], { cwd })
  expect(stderr).toContain('note: precision is over all 3 classes\n')
  expect(stderr).toMatch(/note: recall is of .*virginica\n/)
})
