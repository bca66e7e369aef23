import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { runs } from '../runs.ts'
import { folderOf, nnlab } from './support.ts'
import type { Ran } from './support.ts'

const CONFIG = `
name: rows
data:
  type: csv
  path: rows.csv
  target: y
  sample_weight: w
  missing: {fill: mean, indicator: true}
  features: {scale: standard}
  split: {validation: 0.2, test: 0.1}
model: {input: [6], layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 2, class_weight: balanced, engine: compiled}
`

/** Rows of numbers, some missing, of texts, some of which come late, and of labels and weights. */
function csvOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const a = Math.sin(i * 12.9898) * 43758.5453
    const x = a - Math.floor(a)
    const kind = i < 3 ? ['red', 'green', 'blue'][i] : x < 0.3 ? 'red' : x < 0.6 ? 'green' : 'blue'
    return [
      x.toFixed(4),
      i % 7 === 3 ? '' : (x * x * 10).toFixed(2),
      kind,
      x + (i % 3) / 5 > 0.6 ? 'yes' : 'no',
      1 + (i % 2),
    ].join()
  })
  return `a,b,kind,y,w\n${lines.join('\n')}\n`
}

const counts = z.object({ train: z.number(), validation: z.number() })

/** Runs a command that keeps what does not fit in a folder of its own. */
function run(cwd: string, ...args: string[]) {
  return nnlab(args, { cwd, env: { XDG_CACHE_HOME: join(cwd, 'cache') } })
}

/** Asks about a run, whose name is RUN in the answer. */
async function asked(cwd: string, name: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await run(cwd, ...args)
  return { code, stdout: stdout.replaceAll(name, 'RUN'), stderr: stderr.replaceAll(name, 'RUN') }
}

/** Trains in a folder and returns what --json says but for times and places. */
async function train(cwd: string, set: Readonly<Record<string, unknown>>, ...args: string[]) {
  const options = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])
  const { code, stdout, stderr }: Ran = await run(cwd, 'train', '--json', '--quiet', ...args, ...options)
  expect({ code, stderr }).toEqual({ code: 0, stderr })
  const result: unknown = JSON.parse(stdout)
  return { ...(typeof result === 'object' && result), run: undefined, seconds: undefined }
}

const sizes = fc.record({
  rows: fc.integer({ min: 30, max: 700 }),
  memory: fc.constantFrom('1 KB', '4 KB', '10 KB', '25 KB'),
  batchSize: fc.integer({ min: 1, max: 50 }),
  shuffle: fc.oneof(
    fc.boolean(),
    fc.record({
      block_size: fc.integer({ min: 1, max: 60 }),
      buffer_size: fc.integer({ min: 1, max: 200 }),
    }),
  ),
})

describe('more rows than memory', { timeout: 120_000 }, () => {
  it('gives the bits that the same rows in memory give, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ rows, memory, batchSize, shuffle }) => {
        const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(rows) })
        const set = { 'fit.batch_size': batchSize, 'fit.shuffle': shuffle }
        const inMemory = await train(cwd, set)
        expect(await train(cwd, { ...set, 'data.memory': memory })).toEqual(inMemory)
      }),
      { numRuns: runs(4) },
    )
  })

  it('goes on in the middle of an epoch to the same bits, with more or less memory', async () => {
    const config = `${CONFIG}checkpoint: {every: 1 steps, keep: 1000}\n`
    const cwd = await folderOf({ 'nnlab.yaml': config, 'rows.csv': csvOf(500) })
    const set = { 'fit.batch_size': 16, 'fit.shuffle': { block_size: 20, buffer_size: 90 } }
    const whole = await train(cwd, { ...set, 'data.memory': '6 KB' })
    const checkpoints = join(cwd, 'runs/rows/001/checkpoints')
    for (const [left, memory] of [
      [30, '4 KB'],
      [9, '12 KB'],
      [5, '2 GB'],
    ] as const) {
      for (const name of (await readdir(checkpoints)).sort().slice(left)) {
        await rm(join(checkpoints, name), { recursive: true })
      }
      expect(await train(cwd, { ...set, 'data.memory': memory }, '--resume')).toEqual(whole)
    }
  })

  it('is measured as in memory, split by split', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(400) })
    await train(cwd, {}, '--run-dir', 'whole')
    await train(cwd, { 'data.memory': '2 KB' }, '--run-dir', 'windows')
    for (const split of ['train', 'validation', 'test']) {
      const measure = (name: string) => asked(cwd, name, 'evaluate', name, '--json', '--split', split)
      expect(await measure('windows')).toEqual(await measure('whole'))
    }
  })

  it('is measured and predicted as in memory where rows are new', async () => {
    const cwd = await folderOf({
      'nnlab.yaml': CONFIG,
      'rows.csv': csvOf(400),
      'new.csv': csvOf(300).replaceAll('yes', 'no'),
    })
    await train(cwd, {}, '--run-dir', 'whole')
    await train(cwd, { 'data.memory': '2 KB' }, '--run-dir', 'windows')
    for (const args of [
      ['evaluate', '--data'],
      ['predict'],
      ['predict', '--keep=kind,w'],
      ['predict', '--format=jsonl'],
      ['predict', '--json'],
    ]) {
      const [command = '', ...flags] = args
      const ask = (name: string) => asked(cwd, name, command, name, ...flags, 'new.csv')
      const answer = await ask('whole')
      expect(answer).toMatchObject({ code: 0, stderr: 'model of RUN\n' })
      expect(await ask('windows')).toEqual(answer)
      if (flags.includes('--json')) expect(JSON.parse(answer.stdout)).toHaveLength(300)
    }
  })

  it('takes plain columns for a model of vectors, as in memory', async () => {
    const config = CONFIG.replace('type: csv', 'type: jsonl')
      .replace('rows.csv', 'rows.jsonl')
      .replace(/ *sample_weight.*\n.*missing.*\n/, '')
      .replace('[6]', '[2]')
    const rows = Array.from({ length: 200 }, (_, i) => [Math.sin(i), Math.cos(3 * i)])
    const cwd = await folderOf({
      'nnlab.yaml': config,
      'rows.jsonl': rows.map((x, i) => `${JSON.stringify({ x, y: i % 2 })}\n`).join(''),
      'new.csv': `a,b\n${rows.map((x) => x.join()).join('\n')}\n`,
    })
    await train(cwd, {}, '--run-dir', 'whole')
    await train(cwd, { 'data.memory': '1 KB' }, '--run-dir', 'windows')
    const predict = (name: string) => asked(cwd, name, 'predict', name, 'new.csv')
    expect((await predict('whole')).stdout.split('\n')).toHaveLength(202)
    expect(await predict('windows')).toEqual(await predict('whole'))
  })

  it('runs on TensorFlow.js too', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(120) })
    const set = { 'fit.engine': 'tfjs' }
    const whole = await train(cwd, set, '--backend', 'cpu')
    expect(await train(cwd, { ...set, 'data.memory': '2 KB' }, '--backend', 'cpu')).toEqual(whole)
  })

  it('reads several files, and files for each split', async () => {
    const files = {
      'nnlab.yaml': CONFIG,
      'part-1.csv': csvOf(150),
      'part-2.csv': csvOf(90),
      'held.csv': csvOf(80),
    }
    const cwd = await folderOf(files)
    for (const path of ['part-*.csv', { train: 'part-*.csv', validation: 'held.csv', test: 'held.csv' }]) {
      const split = typeof path === 'string' ? { validation: 0.1 } : {}
      const set = { 'data.path': path, 'data.split': split }
      const whole = await train(cwd, set)
      expect(await train(cwd, { ...set, 'data.memory': '3 KB' })).toEqual(whole)
    }
  })

  it('reads JSON lines, with lists of numbers and a key that few rows have', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => {
      const v = [Math.sin(i), Math.cos(i)]
      return JSON.stringify({ v, y: i % 3 === 0 ? 'a' : 'b', w: 1, ...(i > 250 && { late: i / 7 }) })
    })
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.jsonl': rows.join('\n') })
    const set = {
      'data.type': 'jsonl',
      'data.path': 'rows.jsonl',
      'model.input': [4],
    }
    const whole = await train(cwd, set)
    expect(await train(cwd, { ...set, 'data.memory': '2 KB' })).toEqual(whole)
  })

  it.each([
    { split: { validation: 0.2, stratify: true } },
    { split: { validation: 0.2, group: 'kind' } },
    { split: { validation: 0.2, group: 'kind', stratify: true } },
    { split: { validation: 0.2, time: 'b' }, missing: 'drop' },
    { balance: 'oversample' },
    { missing: 'median' },
    { features: { scale: 'robust' } },
    { features: { transforms: { kind: { type: 'tokens', output_sequence_length: 1 } } } },
  ])('divides, fits and weighs rows as in memory: %j', async (data) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(300) })
    const entries = Object.entries(data).map(([key, value]): [string, unknown] => [`data.${key}`, value])
    const set = { ...Object.fromEntries(entries), 'fit.epochs': 1 }
    const wide = { ...set, 'model.input': [await widthOf(cwd, set)] }
    const whole = await train(cwd, wide)
    expect(await train(cwd, { ...wide, 'data.memory': '2 KB' })).toEqual(whole)
  })

  it('is told where another shuffle would be faster', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(300) })
    const notes = async (...set: string[]) => {
      const { stderr } = await run(cwd, 'train', ...set.flatMap((text) => ['--set', text]))
      return stderr.split('\n').filter((line) => line.includes('windows of the training rows'))
    }
    expect(await notes('data.memory="2 KB"')).toHaveLength(1)
    expect(await notes('data.memory="2 KB"', 'fit.shuffle={block_size: 8}')).toEqual([])
    expect(await notes()).toEqual([])
  })

  it.each([
    ['train', 'windows need their rows in memory'],
    ['data', 'windows need their rows in memory'],
  ])('is refused by %s where rows are in windows', async (command, message) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(300) })
    const set = [
      'data.window={steps: 2}',
      'data.memory="2 KB"',
      'data.split={shuffle: false, test: 0.1}',
      'model.input=[2, 6]',
      'model.layers=[flatten, {type: dense, units: 1, activation: sigmoid}]',
    ]
    const { code, stderr } = await run(cwd, command, ...set.flatMap((text) => ['--set', text]))
    expect(stderr).toContain(message)
    expect(code).toBe(4)
  })

  it('is looked at as in memory', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': csvOf(700) })
    const look = (memory: string, ...args: string[]) =>
      run(cwd, 'data', '--set', `data.memory="${memory}"`, ...args)
    const held = await look('2 GB')
    expect(held.code).toBe(0)
    expect(held.stdout).toMatch(/yes[\s│]*\(438\)/)
    expect(held.stderr).toContain('4 rows of the 70 in the test split are in the training split too')
    // With too few features for the model, which is told after all that there is to see.
    for (const args of [[], ['--json'], ['--set', 'data.features={columns: [a]}']]) {
      const wanted = await look('2 GB', ...args)
      for (const memory of ['1 KB', '2 KB', '20 KB']) expect(await look(memory, ...args)).toEqual(wanted)
    }
  })

  it('has no leak where only its first rows do', async () => {
    const rows = Array.from({ length: 400 }, (_, i) => `${i},${i < 200 ? i % 2 : (i * 7) % 3},${i % 2}\n`)
    const cwd = await folderOf({ 'rows.csv': `a,b,y\n${rows.join('')}` })
    const look = async (path: string, memory: string) => {
      await writeFile(
        join(cwd, 'nnlab.yaml'),
        `data: {type: csv, path: ${path}, target: y, memory: ${memory}, split: {validation: 0.2}}`,
      )
      return (await run(cwd, 'data', '--json')).stdout
    }
    await writeFile(join(cwd, 'first.csv'), `a,b,y\n${rows.slice(0, 200).join('')}`)
    for (const memory of ['1 KB', '2 GB']) {
      expect(await look('first.csv', memory)).toContain('is identical to the target')
      expect(await look('rows.csv', memory)).not.toContain('is identical to the target')
      const { splits, labels } = z
        .object({ splits: counts, labels: z.object({ output: z.record(z.string(), counts) }) })
        .parse(JSON.parse(await look('rows.csv', memory)))
      expect(splits).toMatchObject({ train: 320, validation: 80 })
      const [zeros, ones] = ['0', '1'].map((label) => labels.output[label])
      expect([zeros, ones].map((label) => (label?.train ?? 0) + (label?.validation ?? 0))).toEqual([200, 200])
      expect((zeros?.validation ?? 0) + (ones?.validation ?? 0)).toBe(80)
    }
  })

  it('tells of a mistake with the line that it stands in', async () => {
    const rows = csvOf(300).split('\n')
    rows[250] = rows[250]?.replace(/^[^,]*/, 'oops') ?? ''
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': rows.join('\n') })
    const attempt = (memory: string) => run(cwd, 'train', '--set', `data.memory="${memory}"`)
    const [small, large] = [await attempt('2 KB'), await attempt('2 GB')]
    expect(small).toEqual(large)
    expect(small.code).toBe(4)
    expect(small.stderr).toContain('rows.csv:251')
  })
})

/** How many numbers the features of a row are. */
async function widthOf(cwd: string, set: Readonly<Record<string, unknown>>): Promise<number> {
  const options = Object.entries({ ...set, 'model.input': [1] }).flatMap(([key, value]) => [
    '--set',
    `${key}=${JSON.stringify(value)}`,
  ])
  const { stderr } = await run(cwd, 'train', ...options)
  return Number(/features give (\d+)/.exec(stderr)?.[1] ?? 1)
}
