import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

/** Cars of four brands; one brand has a single row. */
const BRANDS = ['bmw', 'vw', 'audi', 'saab']
const CSV = `brand,km,price,kind\n${Array.from({ length: 40 }, (_, i) => {
  const brand = BRANDS[i === 17 ? 3 : (i * 7) % 3] ?? ''
  return `${brand},${(i * 37) % 90},${(i * 13) % 40},${'abc'[(i * 5) % 3]}`
}).join('\n')}\n`

const CONFIG = `
name: cars
data:
  type: csv
  path: cars.csv
  target: {column: price, scale: standard}
  features: {columns: [brand, km], scale: standard}
  split: {validation: 0.2}
model:
  layers: [{type: dense, units: 4, activation: relu}, {type: dense, units: 1}]
compile: {loss: mse, optimizer: adam}
fit: {epochs: 1, batch_size: 16}
`
const KIND = [
  '--set=data.target=kind',
  '--set=model.layers[1]={type: dense, units: classes, activation: softmax}',
  '--set=compile.loss=categorical_crossentropy',
]

const folder = (config = CONFIG) => folderOf({ 'nnlab.yaml': config, 'cars.csv': CSV })

describe('sizes that a config leaves to its data', () => {
  it('are one for every fold and seed, whatever rows a split draws', async () => {
    const cwd = await folder()
    for (let seed = 0; seed < 10; seed++) {
      const ran = await nnlab(['cv', '--folds', '4', '--json', '--quiet', `--set=seed=${seed}`], { cwd })
      expect(ran).toMatchObject({ code: 0 })
    }
  }, 60_000)

  it('are written into spec.json, and the run is resumed and evaluated', async () => {
    const cwd = await folder()
    const train = ['train', '--json', ...KIND]
    const whole = await nnlab([...train, '--set=fit.epochs=3', '--run-dir', 'whole'], { cwd })
    expect(whole.code).toBe(0)
    const spec: unknown = JSON.parse(await readFile(join(cwd, 'whole/spec.json'), 'utf8'))
    expect(spec).toMatchObject({ model: { input: [5], layers: [{ units: 4 }, { units: 3 }] } })
    expect((await nnlab([...train, '--run-dir', 'part'], { cwd })).code).toBe(0)
    const resumed = await nnlab(
      ['train', 'nnlab.yaml', '--json', ...KIND, '--set=fit.epochs=3', '--resume', 'part'],
      { cwd },
    )
    expect(resumed.stderr).toContain('  fit.epochs: 1 -> 3\n')
    expect(resumed.stderr).not.toContain('model.')
    const sha = (text: string): string => {
      const { weights_sha256 }: { weights_sha256: string } = JSON.parse(text)
      return weights_sha256
    }
    expect(sha(resumed.stdout)).toBe(sha(whole.stdout))
    const evaluated = await nnlab(['evaluate', 'whole', '--json'], { cwd })
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ rows: 8 })
  })

  it('are ? where no data is read, and the rules on the others hold', async () => {
    const cwd = await folder()
    expect(await nnlab(['validate'], { cwd })).toMatchObject({ code: 0 })
    const { stdout } = await nnlab(['summary'], { cwd })
    expect(stdout).toContain('(None, ?)')
    expect(stdout).toContain('Total params: 5 (20 B) or more\n? follows from the data')
    const read = await nnlab(['summary', '--data', '--json'], { cwd })
    expect(JSON.parse(read.stdout)).toMatchObject({ totals: { params: 29 } })
    const wrong = '--set=model.layers[0]={type: conv1d, filters: 2, kernel_size: 3}'
    const { code, stderr } = await nnlab(['validate', wrong], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('conv1d takes [steps, channels], got [?]')
  })

  it('are checked against the model before anything is trained', async () => {
    const cwd = await folder()
    const layers = '[{type: reshape, target_shape: [2, 2]}, flatten, {type: dense, units: 1}]'
    const reshape = `--set=model.layers=${layers}`
    expect((await nnlab(['validate', reshape], { cwd })).code).toBe(0)
    const { code, stderr } = await nnlab(['train', reshape], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('target_shape [2, 2] holds 4 elements, but the input [5] has 5')
  })

  it('are vocabularies too', async () => {
    const layers = `[{type: embedding, input_dim: vocabulary, output_dim: 2}, flatten, {type: dense, units: 1}]`
    const cwd = await folder()
    const set = ['--set=data.features={columns: [brand], transforms: {brand: ordinal}}']
    const run = await nnlab(['train', '--json', ...set, `--set=model.layers=${layers}`, '--run-dir', 'r'], {
      cwd,
    })
    expect(run).toMatchObject({ code: 0 })
    const spec: unknown = JSON.parse(await readFile(join(cwd, 'r/spec.json'), 'utf8'))
    expect(spec).toMatchObject({ model: { input: [1], layers: [{ input_dim: 5 }, {}, {}] } })
  })
})

describe('a file that holds a model alone', () => {
  it.each([
    ['alone', ''],
    ['compiled', 'compile: {loss: mean_squared_error, optimizer: adam}\n'],
  ])('is validated and summarized, but not trained: %s', async (_, compile) => {
    const model = 'model: {input: [4], layers: [{type: dense, units: 3}]}\n'
    const cwd = await folderOf({ 'm.yaml': `${model}${compile}` })
    expect(await nnlab(['validate', 'm.yaml'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'm.yaml is valid\n',
    })
    const { stdout } = await nnlab(['summary', 'm.yaml'], { cwd })
    expect(stdout).toContain('Total params: 15 (60 B)\n')
    const { code, stderr } = await nnlab(['train', 'm.yaml'], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('"data" is missing')
  })
})

describe('values that training did not see', () => {
  const rows = 'brand,km\nbmw,3\nfiat,4\nvw,5\nfiat,6\nlada,7\n'

  it('are counted and marked by predict', async () => {
    const cwd = await folder()
    expect((await nnlab(['train', '--quiet', '--run-dir', 'r'], { cwd })).code).toBe(0)
    const csv = await nnlab(['predict', 'r'], { cwd, stdin: rows })
    expect(csv.code).toBe(0)
    expect(csv.stderr).toContain(
      '<stdin>: 3 of 5 rows have values that the training rows lack: brand "fiat" (2 rows), "lada" (1 row)',
    )
    const fields = csv.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').at(-1))
    expect(fields).toEqual(['unseen', '', 'brand=fiat', '', 'brand=fiat', 'brand=lada'])
    const json = await nnlab(['predict', 'r', '--json'], { cwd, stdin: rows })
    const records: { unseen?: unknown }[] = JSON.parse(json.stdout)
    expect(records.map(({ unseen }) => unseen)).toEqual([
      undefined,
      ...[{ brand: 'fiat' }, undefined, { brand: 'fiat' }, { brand: 'lada' }],
    ])
  })

  it('fail the file where the config says so', async () => {
    const cwd = await folder()
    const columns =
      '--set=data.features.transforms={brand: {type: one_hot, categories: [bmw, vw, audi, saab], unseen: error}}'
    expect((await nnlab(['train', '--quiet', '--run-dir', 'r', columns], { cwd })).code).toBe(0)
    const { code, stderr } = await nnlab(['predict', 'r'], { cwd, stdin: rows })
    expect(code).toBe(4)
    expect(stderr).toContain('<stdin>:3: "fiat" in column "brand" is not one of the 4 values')
  })
})

describe('what an embedding has no vector for', () => {
  /** Words 0 to 3, and a last one. */
  const rows = (last: string): string =>
    `w,y\n${Array.from({ length: 12 }, (_, i) => `${i % 4},${i % 3}`).join('\n')}\n${last},1\n`
  const config = (vectors: number, features: string): string => `
name: words
data: {type: csv, path: rows.csv, target: y, features: ${features}}
model:
  layers:
    - {type: reshape, target_shape: [1, 1]}
    - {type: time_distributed, layer: {type: embedding, input_dim: ${vectors}, output_dim: 2}}
    - flatten
    - {type: dense, units: 1}
compile: {loss: mse, optimizer: adam}
fit: {epochs: 1}
`
  it.each<[name: string, features: string, last: string, found: string]>([
    ['numbers', '{scale: none}', '4', 'holds 4'],
    ['negative numbers', '{scale: none}', '-1', 'holds -1'],
    ['ordinal columns', '{transforms: {w: ordinal}}', '4', 'is encoded as 4'],
  ])('is refused among %s, in new rows and in training', async (_, features, last, found) => {
    const cwd = await folderOf({
      'nnlab.yaml': config(4, features),
      'rows.csv': rows('0'),
      'new.csv': rows(last),
    })
    expect(await nnlab(['train', '--quiet', '--run-dir', 'r'], { cwd })).toMatchObject({ code: 0 })
    const refused = {
      code: 4,
      stderr: expect.stringContaining(
        `new.csv:14: column "w" ${found}, but the embedding has vectors for 0 to 3 only`,
      ),
    }
    expect(await nnlab(['predict', 'r', 'new.csv'], { cwd })).toMatchObject(refused)
    expect(await nnlab(['evaluate', 'r', '--data', 'new.csv'], { cwd })).toMatchObject(refused)
    for (const engine of ['compiled', 'tfjs']) {
      const few = ['train', '--quiet', '--engine', engine, '--set', 'model.layers[1].layer.input_dim=3']
      expect(await nnlab(few, { cwd })).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('rows.csv:5: column "w"'),
      })
    }
  })
})
