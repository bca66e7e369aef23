import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

import { predict } from '../../src/core/predict.ts'
import { folderOf, nnlab } from './support.ts'

const MODELS = {
  kinds: `data: {type: csv, path: train.csv, target: kind, features: {columns: [x, color]}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy}`,
  yes_no: `data: {type: csv, path: train.csv, target: sold, features: {columns: [x]}}
model: {layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy}`,
  price: `data: {type: csv, path: train.csv, target: {column: price, scale: standard}, features: {columns: [x]}}
model: {layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error}`,
  both: `data:
  type: csv
  path: train.csv
  targets: {kind: kind, price: price}
  features: {columns: [x]}
model:
  inputs: {features: [1]}
  layers:
    - {type: dense, units: 3, activation: softmax, name: kind, from: features}
    - {type: dense, units: 1, name: price, from: features}
  outputs: [kind, price]
compile: {loss: {kind: categorical_crossentropy, price: mean_squared_error}}`,
}
type Model = keyof typeof MODELS

const TRAIN = `id,x,color,kind,sold,price
001,0.1,red,a,yes,10.5
002,0.5,blue,b,no,20
003,0.9,red,c,yes,30
004,0.3,blue,a,no,15
`

/** A folder with a trained model. */
async function trained(model: Model, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const config = `name: ${model}\n${MODELS[model]}\nfit: {epochs: 1}\n`
  const cwd = await folderOf({ 'nnlab.yaml': config, 'train.csv': TRAIN, ...files })
  const { code, stderr } = await nnlab(['train', '--quiet'], { cwd })
  expect(code, stderr).toBe(0)
  return cwd
}

/** The fields of a csv text without quotes. */
const fieldsOf = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))

const column = (csv: string, title: string): (string | undefined)[] => {
  const [titles = [], ...rows] = fieldsOf(csv)
  return rows.map((row) => row[titles.indexOf(title)])
}

const NEW = `id,x,color,note
007,0.2,red,"a, b"
NA,0.8,blue,
`

describe('predict', () => {
  it('names the run that a config means: its last plain run', async () => {
    const cwd = await trained('yes_no', { 'new.csv': NEW })
    expect((await nnlab(['train', '--quiet', '--fold', '1/2'], { cwd })).code).toBe(0)
    const { stdout, stderr } = await nnlab(['predict', 'nnlab.yaml', 'new.csv', '--json'], { cwd })
    expect(stderr).toBe('model of runs/yes_no/001\n')
    expect(JSON.parse(stdout)).toMatchObject([{ row: 1, run: 'runs/yes_no/001' }, { row: 2 }])
    for (const argv of [
      ['evaluate', '--json'],
      ['summary', 'runs/yes_no/latest', '--json'],
    ]) {
      const found = await nnlab(argv, { cwd })
      expect(found.stderr).toContain('model of runs/yes_no/001\n')
      expect(JSON.parse(found.stdout)).toMatchObject({ run: 'runs/yes_no/001' })
    }
  })

  it.each([
    ['diverged', 'its training diverged', undefined],
    ['running', 'its training has not ended, or was killed', '--resume'],
    ['failed', 'its training failed', '--resume'],
  ])(
    'names the run without a model that a link means, and one that has it: %s',
    async (state, reason, how) => {
      const cwd = await trained('price', { 'new.csv': NEW })
      const diverging = [
        '--set',
        'compile.optimizer={type: sgd, learning_rate: 1e30}',
        '--set',
        'fit.epochs=9',
      ]
      expect((await nnlab(['train', '--quiet', ...diverging], { cwd })).code).toBe(5)
      const run = join(cwd, 'runs', 'price', '002')
      const record = await readFile(join(run, 'run.json'), 'utf8')
      await writeFile(join(run, 'run.json'), record.replace('"diverged"', `"${state}"`))
      for (const path of ['runs/price/latest', 'nnlab.yaml']) {
        const { code, stderr } = await nnlab(['predict', path, 'new.csv'], { cwd })
        expect(code).toBe(6)
        expect(stderr).toContain(`${run} has no model: ${reason}`)
        expect(stderr).toContain(`${join(cwd, 'runs', 'price', '001')} has one`)
        expect(stderr.includes('--resume')).toBe(how !== undefined)
      }
    },
  )

  it('refuses a config that has no run', async () => {
    const cwd = await folderOf({ 'other.yaml': `name: other\n${MODELS.price}`, 'new.csv': NEW })
    const { code, stderr } = await nnlab(['predict', 'other.yaml', 'new.csv'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain('there is no model in runs/other: other.yaml has no plain run yet')
    expect(stderr).toContain('nnlab train other.yaml')
  })

  it('keeps columns as they are written', async () => {
    const cwd = await trained('kinds', { 'new.csv': NEW })
    const predicted = async (...argv: string[]) =>
      (await nnlab(['predict', 'runs/kinds/001', 'new.csv', ...argv], { cwd })).stdout
    const csv = await predicted('--keep', 'id,note', '--keep', 'x')
    expect(csv.split('\n').map((line) => line.slice(0, 19))).toEqual([
      'row,id,note,x,predi',
      expect.stringMatching(/^1,007,"a, b",0.2,[abc]/),
      expect.stringMatching(/^2,NA,,0.8,[abc],/),
      '',
    ])
    const records = (await predicted('--keep', 'id,note', '--format', 'jsonl')).trimEnd().split('\n')
    expect(records.map((line): unknown => JSON.parse(line))).toMatchObject([
      { row: 1, id: '007', note: 'a, b' },
      { row: 2, id: 'NA', note: null },
    ])
  })

  it.each([
    [['--keep', 'idd'], 4, 'there is no column "idd", which the option keep names'],
    [['--keep', 'prediction'], 2, 'a column of the predictions is called "prediction" too'],
    [['--threshold', '0.3'], 2, 'no output of one unit that is a probability'],
    [['-o', 'new.csv'], 2, '"new.csv" is a file that is read'],
    [['-o', 'runs', '--format', 'csv'], 2, '"runs" is a folder'],
    [['-o', 'out.txt'], 2, 'the name "out.txt" does not tell the format'],
    [['-o', 'none/out.csv'], 6, 'its folder is not there'],
  ])('refuses %s', async (argv, code, message) => {
    const cwd = await trained('kinds', { 'new.csv': NEW })
    const before = await readdir(cwd)
    const ran = await nnlab(['predict', 'nnlab.yaml', 'new.csv', ...argv], { cwd })
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toContain(message)
    expect(await readdir(cwd)).toEqual(before)
    expect(await readFile(join(cwd, 'new.csv'), 'utf8')).toBe(NEW)
  })

  it.each([
    ['out.csv', [], 'csv'],
    ['out.jsonl', [], 'jsonl'],
    ['out.JSON', [], 'json'],
    ['out', ['--format', 'jsonl'], 'jsonl'],
  ])('writes %s %s as %s, whole or not at all', async (name, argv, format) => {
    const cwd = await trained('kinds', { 'new.csv': NEW, [name]: 'old' })
    const printed = await nnlab(['predict', 'nnlab.yaml', 'new.csv', '--format', format], { cwd })
    const written = await nnlab(['predict', 'nnlab.yaml', 'new.csv', '-o', name, ...argv], { cwd })
    expect(written).toMatchObject({ code: 0, stdout: '' })
    expect(await readFile(join(cwd, name), 'utf8')).toBe(printed.stdout)
    await writeFile(join(cwd, 'new.csv'), 'id,x,color\n1,word,red\n')
    expect((await nnlab(['predict', 'nnlab.yaml', 'new.csv', '-o', name, ...argv], { cwd })).code).toBe(4)
    expect(await readFile(join(cwd, name), 'utf8')).toBe(printed.stdout)
    expect((await readdir(cwd)).filter((file) => file.includes('.part-'))).toEqual([])
  })

  it('names the file of each row where there are several', async () => {
    const cwd = await trained('kinds', { 'a.csv': NEW, 'b.csv': NEW })
    const one = await nnlab(['predict', 'nnlab.yaml', 'a.csv'], { cwd })
    expect(fieldsOf(one.stdout)[0]).not.toContain('file')
    const both = await nnlab(['predict', 'nnlab.yaml', '[ab].csv', '--keep', 'id'], { cwd })
    expect(column(both.stdout, 'file')).toEqual(['a.csv', 'a.csv', 'b.csv', 'b.csv'])
    expect(column(both.stdout, 'id')).toEqual(['007', 'NA', '007', 'NA'])
  })

  it.each([
    ['kinds', { target: ['a', 'b', 'c', 'a'] }],
    ['yes_no', { target: ['yes', 'no', 'yes', 'no'] }],
    ['price', { target: ['10.5', '20', '30', '15'] }],
    ['both', { kind_target: ['a', 'b', 'c', 'a'], price_target: ['10.5', '20', '30', '15'] }],
  ] as const)('shows the targets that rows have: %s', async (model, targets) => {
    const cwd = await trained(model, { 'new.csv': NEW })
    const { stdout } = await nnlab(['predict', 'nnlab.yaml', 'train.csv'], { cwd })
    for (const [title, values] of Object.entries(targets)) expect(column(stdout, title)).toEqual(values)
    const without = await nnlab(['predict', 'nnlab.yaml', 'new.csv'], { cwd })
    expect(without.stdout).not.toContain('target')
  })

  it('takes no empty column, and no unknown labels alone, for targets', async () => {
    const cwd = await trained('kinds')
    for (const kinds of [
      ['', ''],
      ['z', 'z'],
    ]) {
      await writeFile(join(cwd, 'new.csv'), `x,color,kind\n1,red,${kinds[0]}\n2,red,${kinds[1]}\n`)
      const { code, stdout } = await nnlab(['predict', 'nnlab.yaml', 'new.csv'], { cwd })
      expect(code).toBe(0)
      expect(stdout).not.toContain('target')
    }
    await writeFile(join(cwd, 'new.csv'), 'x,color,kind\n1,red,z\n2,red,\n3,red,b\n')
    const { stdout } = await nnlab(['predict', 'nnlab.yaml', 'new.csv'], { cwd })
    expect(column(stdout, 'target')).toEqual(['z', '', 'b'])
  })

  it('predicts the positive class above the threshold', async () => {
    const cwd = await trained('yes_no')
    for (const threshold of [0, 0.5, 1]) {
      const argv = ['predict', 'nnlab.yaml', 'train.csv', '--threshold', String(threshold)]
      const { stdout } = await nnlab(argv, { cwd })
      const shares = column(stdout, 'p_yes').map(Number)
      expect(column(stdout, 'prediction')).toEqual(shares.map((p) => (p > threshold ? 'yes' : 'no')))
    }
    const wrong = await nnlab(['predict', 'nnlab.yaml', 'train.csv', '--threshold', '2'], { cwd })
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
  })

  it('says what it waits for on a terminal', async () => {
    const cwd = await trained('kinds')
    const { stdout, stderr } = await nnlab(['predict', 'nnlab.yaml'], {
      cwd,
      isTTY: true,
      stdin: 'x,color\n0.5,red\n',
    })
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
      'rows are read from the terminal, with the columns x, color; Ctrl-D ends them',
    )
    expect(stdout).toContain('prediction')
  })

  it('ends early and quietly where nobody reads the rest, as in `nnlab predict | head`', async () => {
    const rows = `x\n${'0.25\n'.repeat(30_000)}`
    const cwd = await trained('price', { 'new.csv': rows })
    const all = ['predict', 'nnlab.yaml', 'new.csv', '--quiet']
    const { stdout } = await nnlab(all, { cwd })
    const lost = await nnlab(all, { cwd, isLost: () => true })
    expect(lost).toMatchObject({ code: 0, stderr: '' })
    expect(lost.stdout.length).toBeLessThan(stdout.length / 2)
    expect(stdout.startsWith(lost.stdout)).toBe(true)
  })

  it('gives programs unrounded numbers, to round where they are shown', async () => {
    const cwd = await trained('yes_no')
    const rows = [{ x: 0.3 }]
    const [record] = await predict({ cwd, model: 'runs/yes_no/001', rows })
    const full = await nnlab(['predict', 'nnlab.yaml', '--from', 'jsonl', '--json', '--digits', 'full'], {
      cwd,
      stdin: '{"x": 0.3}\n',
    })
    expect(JSON.parse(full.stdout)).toMatchObject([{ probabilities: record?.probabilities }])
    const share = record?.probabilities?.['yes'] ?? 0
    expect(Math.fround(share)).toBe(share)
    expect(share).not.toBe(Number(share.toPrecision(7)))
  })
})

it('a run remembers the folder of the known data sets', async () => {
  const cwd = await folderOf({ 'nnlab.yaml': `name: few\n${MODELS.price}`, 'train.csv': TRAIN })
  const record = async (): Promise<unknown> =>
    JSON.parse(await readFile(join(cwd, 'runs/few/latest/run.json'), 'utf8'))
  const env = { NNLAB_DATA_DIR: 'elsewhere' }
  await nnlab(['train', '--quiet', '--data-dir', 'sets'], { cwd, env })
  expect(await record()).toMatchObject({ datasets_folder: join(cwd, 'sets') })
  await nnlab(['train', '--quiet'], { cwd, env })
  expect(await record()).toMatchObject({ datasets_folder: join(cwd, 'elsewhere') })
  await nnlab(['train', '--quiet'], { cwd })
  expect(await record()).not.toHaveProperty('datasets_folder')
})
