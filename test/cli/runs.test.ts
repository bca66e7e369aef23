import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const iris = fileURLToPath(new URL('../../configs/data/iris.csv', import.meta.url))
const CONFIG = `
name: iris
data: {type: csv, path: ${iris}, target: species, features: {scale: standard}, split: {validation: 0.1, test: 0.2}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.001}, metrics: [accuracy]}
fit: {epochs: 2}
`

type Listed = { run: string; test: Record<string, number>; differing: Record<string, unknown> }

/** A folder with four runs: by learning rate 0.001, 0.1 and 0.01 with adam, and one with sgd. */
let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
  await writeFile(join(cwd, 'nnlab.yaml'), CONFIG)
  for (const set of [[], ['learning_rate=0.1'], ['learning_rate=0.01'], ['type=sgd', 'learning_rate=1e-5']]) {
    const argv = ['train', '--quiet', ...set.flatMap((one) => ['--set', `compile.optimizer.${one}`])]
    expect((await nnlab(argv, { cwd })).code).toBe(0)
  }
}, 60_000)
afterAll(() => rm(cwd, { recursive: true, force: true }))

async function listed(cwd: string, ...argv: string[]): Promise<Listed[]> {
  const { stdout, stderr } = await nnlab(['runs', '--json', ...argv], { cwd })
  expect(stderr).toBe('')
  const { runs }: { runs: Listed[] } = JSON.parse(stdout)
  return runs
}

async function numbers(cwd: string, ...argv: string[]): Promise<string[]> {
  return (await listed(cwd, ...argv)).map(({ run }) => run.slice(-3))
}

describe('nnlab runs', { timeout: 60_000 }, () => {
  it('shows test metrics and the keys in which runs differ', async () => {
    const { stdout } = await nnlab(['runs'], { cwd })
    const [header, , first, , , last] = stdout.split('\n').slice(1)
    expect(header).toMatch(/ best +┃ test_loss ┃ test_accuracy ┃ optimizer ┃ learning_rate ┃ +time /)
    expect(first).toMatch(/ adam +│ 0\.001 /)
    expect(last).toMatch(/ sgd +│ 0\.00001 /)
    const narrow = await nnlab(['runs'], { cwd, env: { COLUMNS: '80' } })
    expect(Math.max(...narrow.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const [one] = await listed(cwd)
    expect(one?.differing).toMatchObject({ 'compile.optimizer.learning_rate': 0.001 })
  })

  it('takes files of the same rows for the same, wherever they are', async () => {
    const folder = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': await readFile(iris, 'utf8') })
    for (const set of ['seed=1', 'data.path=rows.csv'])
      expect((await nnlab(['train', '--quiet', '--set', set], { cwd: folder })).code).toBe(0)
    for (const { differing } of await listed(folder)) expect(Object.keys(differing)).toEqual(['seed'])
    await writeFile(join(folder, 'rows.csv'), (await readFile(iris, 'utf8')).replace('5.1', '5.2'))
    expect((await nnlab(['train', '--quiet', '--set', 'data.path=rows.csv'], { cwd: folder })).code).toBe(0)
    const [one] = await listed(folder)
    expect(Object.keys(one?.differing ?? {}).toSorted()).toEqual(['data.path', 'seed'])
  })

  it('sorts by a metric, the best first, and runs without it last', async () => {
    const all = await listed(cwd)
    for (const [metric, sign] of [
      ['accuracy', -1],
      ['loss', 1],
    ] as const) {
      const byHand = all.toSorted((a, b) => sign * ((a.test[metric] ?? NaN) - (b.test[metric] ?? NaN)))
      expect(await numbers(cwd, '--sort', `test_${metric}`)).toEqual(byHand.map(({ run }) => run.slice(-3)))
    }
    const copy = await folderOf()
    await cp(cwd, copy, { recursive: true })
    const record = join(copy, 'runs/iris/003/run.json')
    await writeFile(
      record,
      (await readFile(record, 'utf8')).replace(/"val_loss": [^,\n]*/, '"val_loss": null'),
    )
    expect((await numbers(copy, '--sort', 'val_loss')).at(-1)).toBe('003')
  })

  it.each([
    ['compile.optimizer.learning_rate=0.1', ['002']],
    ['learning_rate!=0.1', ['001', '003', '004']],
    ['learning_rate>=0.01', ['002', '003']],
    ['learning_rate < 1e-3', ['004']],
    ['learning_rate<=1e-3', ['001', '004']],
    ['learning_rate>1e-2', ['002']],
    ['optimizer=sgd', ['004']],
    ['optimizer == sgd', ['004']],
    ['beta_1=0.9', ['001', '002', '003']],
    ['beta_1!=0.9', ['004']],
    ['data.split.test=0.2', ['001', '002', '003', '004']],
    ['test_accuracy<=1', ['001', '002', '003', '004']],
    ['loss<0', []],
  ])('lists the runs that meet %s', async (condition, expected) => {
    expect(await numbers(cwd, '--filter', condition)).toEqual(expected)
  })

  it.each([
    [['--filter', 'lr'], 'expected a condition, got "lr"', "as in 'fit.epochs>=20'"],
    [['--filter', 'lerning_rate=1'], 'no run has a key or metric "lerning_rate"', 'mean learning_rate?'],
    [['--filter', 'type=csv'], '"type" is the end of several keys: data.type', 'write the whole path'],
    [['--filter', 'seed>a'], 'seed is compared with "a", which is not a number', '= and != compare strings'],
    [['--sort', 'test_acuracy'], 'no run has a metric "test_acuracy"', 'did you mean test_accuracy?'],
    [['--sort', 'x'], 'no run has a metric "x"', 'loss, accuracy, val_loss'],
  ])('refuses %j', async (argv, message, hint) => {
    const { code, stderr } = await nnlab(['runs', ...argv], { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
  })

  it('lists folds apart', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    await nnlab(['train', '--quiet'], { cwd })
    await nnlab(['cv', '--folds', '2', '--quiet', '--jobs', '1'], { cwd })
    expect((await listed(cwd)).map(({ run }) => run)).toEqual(['runs/iris/001'])
    const folds = ['fold-1', 'fold-2'].map((fold) => `runs/iris/cv-001/trials/${fold}`)
    expect((await listed(cwd, '--trials')).map(({ run }) => run)).toEqual(folds)
    expect((await nnlab(['runs', '--filter', 'seed=5'], { cwd })).stdout).toBe('no such runs in runs\n')
  })
})

it('knows sweeps and folds as wholes: runs lists them, diff compares them', { timeout: 60_000 }, async () => {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  const short = '--set=fit.epochs=1'
  for (const rate of ['0.01', '0.1'])
    await nnlab(['cv', short, `--set=compile.optimizer.learning_rate=${rate}`, '--folds', '2', '--quiet'], {
      cwd,
    })
  const split = '--set=data.split.validation=0.2'
  await nnlab(['sweep', 'compile.optimizer.learning_rate=0.01,0.1', short, split, '--quiet'], { cwd })

  const { stdout } = await nnlab(['runs'], { cwd })
  expect(stdout).toMatch(/│ runs\/iris\/cv-001 +│ completed │ 2 trials │ val_loss [\d.]+ ± [\d.]+ +│/)
  expect(stdout).toMatch(/│ runs\/iris\/sweep-001 +│ completed │ 2 trials │ val_loss [\d.]+ \(trial \d\) │/)
  const { groups }: { groups: unknown[] } = JSON.parse((await nnlab(['runs', '--json'], { cwd })).stdout)
  expect(groups).toHaveLength(3)
  expect(groups[0]).toMatchObject({ group: 'runs/iris/cv-001', trials: { done: 2, all: 2 } })
  expect((await nnlab(['runs', '--sort', 'loss'], { cwd })).stdout).toBe('no runs in runs\n')

  const compared = async (
    a: string,
    b: string,
  ): Promise<{ spec: unknown; metrics: { figure: string }[] }> => {
    const { stdout: text } = await nnlab(['diff', `runs/iris/${a}`, `runs/iris/${b}`, '--json'], { cwd })
    const document: { spec: unknown; metrics: { figure: string }[] } = JSON.parse(text)
    return document
  }
  const { spec, metrics } = await compared('cv-001', 'cv-002')
  expect(spec).toEqual([{ path: 'compile.optimizer.learning_rate', before: 0.01, after: 0.1 }])
  expect(metrics).toContainEqual({ figure: 'val_loss', a: expect.any(Number), b: expect.any(Number) })
  expect(metrics).toContainEqual({
    figure: 'val_loss deviation',
    a: expect.any(Number),
    b: expect.any(Number),
  })
  expect((await compared('sweep-001', 'cv-001')).metrics[0]).toMatchObject({ figure: 'val_loss' })
  const shown = await nnlab(['diff', 'runs/iris/cv-001', 'runs/iris/cv-002'], { cwd })
  expect(shown.stdout).not.toContain('weights')
})

describe('nnlab diff', { timeout: 60_000 }, () => {
  const runs = ['001', '002', '004'].map((run) => `runs/iris/${run}`)

  it('compares several runs: a row a key that differs, and a row a metric', async () => {
    const { stdout } = await nnlab(['diff', ...runs], { cwd })
    expect(stdout).toMatch(/┃ key +┃ runs\/iris\/001 ┃ runs\/iris\/002 ┃ runs\/iris\/004 ┃/)
    expect(stdout).toMatch(/│ compile\.optimizer\.learning_rate +│ 0\.001 +│ 0\.1 +│ 0\.00001 +│/)
    expect(stdout).toMatch(/│ compile\.optimizer\.beta_1 +│ 0\.9 +│ 0\.9 +│ - +│/)
    expect(stdout).toMatch(/│ test_accuracy +│ +\d\.\d{4} │ +\d\.\d{4} │ +\d\.\d{4} │/)
    expect(stdout).not.toContain('batch_size')
    expect(stdout).toMatch(/\nthe weights all differ\n$/)
  })

  it('says which weights are the same', async () => {
    const [a = '', b = ''] = runs
    const { stdout } = await nnlab(['diff', a, b, a], { cwd })
    expect(stdout).toMatch(/\nthe weights of runs\/iris\/001, runs\/iris\/001 are the same, bit for bit\n$/)
  })

  it('has a JSON document of two runs, and one of several', async () => {
    const two: unknown = JSON.parse((await nnlab(['diff', ...runs.slice(0, 2), '--json'], { cwd })).stdout)
    expect(two).toMatchObject({
      a: runs[0],
      b: runs[1],
      spec: [{ path: 'compile.optimizer.learning_rate', before: 0.001, after: 0.1 }],
      same_weights: false,
    })
    const several: unknown = JSON.parse((await nnlab(['diff', ...runs, '--json'], { cwd })).stdout)
    expect(several).toMatchObject({
      runs,
      spec: expect.arrayContaining([
        { path: 'compile.optimizer.learning_rate', values: [0.001, 0.1, 0.00001] },
        { path: 'compile.optimizer.beta_1', values: [0.9, 0.9, null] },
      ]),
    })
  })
})
