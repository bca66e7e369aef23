import { existsSync } from 'node:fs'
import { readFile, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const XOR = `
name: xor
seed: 1
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model:
  input: [2]
  layers:
    - {type: dense, units: 8, activation: tanh}
    - {type: dense, units: 1, activation: sigmoid}
compile: {loss: binary_crossentropy, optimizer: {type: adam, learning_rate: 0.05}, metrics: [accuracy]}
fit: {batch_size: 4, epochs: 100}
`

const FLOWERS = `
name: flowers
data:
  type: csv
  path: flowers.csv
  target: kind
  features: {scale: standard}
model: {input: [2], layers: [{type: dense, units: 3, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.1}, metrics: [accuracy]}
fit: {epochs: 60}
`
const ROWS = Array.from({ length: 30 }, (_, i) => {
  const kind = i % 3
  return `${kind * 4 + (i % 5) * 0.1},${kind === 1 ? 5 : 0},${['aster', 'bellis', 'clover'][kind]}`
}).join('\n')
const CSV = `length,width,kind\n${ROWS}\n`

describe('train', () => {
  it('leaves a run folder with its config, logs and model', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { code, stdout, stderr } = await nnlab(['train', '--quiet'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^trained 100 epochs in .* s\n {2}loss .* {2}accuracy 1\.000\nsaved in runs\/xor\/001\n$/,
    )
    const run = join(cwd, 'runs/xor/001')
    expect((await readdir(run)).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'events.jsonl',
      'history.csv',
      'model',
      'run.json',
      'spec.json',
    ])
    expect((await readdir(join(run, 'model'))).sort()).toEqual([
      'forward.mul_add.wasm',
      'forward.wasm',
      'model.json',
      'weights.bin',
    ])
    expect(await readFile(join(run, 'config.yaml'), 'utf8')).toBe(XOR)
    const history = (await readFile(join(run, 'history.csv'), 'utf8')).trimEnd().split('\n')
    expect(history).toHaveLength(101)
    expect(history[0]).toBe('epoch,loss,accuracy')
    const record: unknown = JSON.parse(await readFile(join(run, 'run.json'), 'utf8'))
    expect(record).toMatchObject({
      state: 'completed',
      stopped: 'completed',
      epochs: 100,
      steps: 100,
      seed: 1,
    })
  })

  it('numbers its runs and links the latest', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    for (const _ of [1, 2]) await nnlab(['train', '--quiet', '--set', 'fit.epochs=1'], { cwd })
    expect((await readdir(join(cwd, 'runs/xor'))).sort()).toEqual(['001', '002', 'latest'])
    expect(await readlink(join(cwd, 'runs/xor/latest'))).toBe('002')
  })

  it('prints one JSON document with --json', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { stdout } = await nnlab(['train', '--json', '--run-dir', 'here', '--set', 'fit.epochs=2'], { cwd })
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(stdout)).toMatchObject({
      run: 'here',
      seed: 1,
      epochs: 2,
      steps: 2,
      stopped: 'completed',
      metrics: { loss: expect.any(Number), accuracy: expect.any(Number) },
      weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  it('gives the same weights for the same seed, and others for another', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const hash = async (seed: number): Promise<string> => {
      const { stdout } = await nnlab(['train', '--json', '--quiet', '--set', `seed=${seed}`], { cwd })
      return String(/"weights_sha256":"(\w+)"/.exec(stdout)?.[1])
    }
    const [first, again, other] = [await hash(0), await hash(0), await hash(1)]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it('logs few lines where stderr is no terminal', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { stderr } = await nnlab(['train', '--set', 'fit.epochs=1000'], { cwd })
    const lines = stderr.trimEnd().split('\n')
    expect(lines.length).toBeLessThan(250)
    expect(lines.at(-1)).toMatch(/^epoch 1000\/1000 {2}loss/)
    expect(stderr).not.toContain('\u001b')
  })

  it('draws bars on a terminal', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { stderr } = await nnlab(['train'], { cwd, isTTY: true })
    expect(stderr).toContain('━')
    expect(stderr).toContain('epoch 100/100')
  })

  it('trains rows of a csv file whose path starts from the config', async () => {
    const cwd = await folderOf({ 'sub/nnlab.yaml': FLOWERS, 'sub/flowers.csv': CSV })
    const { code, stdout, stderr } = await nnlab(['train', 'sub/nnlab.yaml'], { cwd })
    expect(code).toBe(0)
    expect(stdout).toContain('accuracy 1.000')
    expect(stderr).toContain('note: kind: the labels aster, bellis, clover became classes 0 to 2')
  })

  it('saves what it has when it is interrupted, and says so with its exit code', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR })
    const { code, stdout } = await nnlab(['train', '--quiet', '--set', 'fit.epochs=1000000'], {
      cwd,
      signal: { after: 500, name: 'SIGINT' },
    })
    expect(code).toBe(130)
    expect(stdout).toContain('(interrupted)')
    expect(existsSync(join(cwd, 'runs/xor/latest/model/model.json'))).toBe(true)
  })

  it('stops where the loss becomes infinite', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': FLOWERS, 'flowers.csv': CSV })
    const diverging = [
      '--set',
      'compile.optimizer={type: sgd, learning_rate: 3e38}',
      '--set',
      'compile.loss={type: categorical_crossentropy, from_logits: true}',
      '--set',
      'model.layers[0].activation=linear',
    ]
    const { code, stdout, stderr } = await nnlab(['train', '--quiet', ...diverging], { cwd })
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
    expect(stderr).toMatch(
      /^error: the loss became NaN or infinite in epoch \d+, step 1 of 1; it starts .*; there is no checkpoint before it\n {2}= try a smaller/,
    )
    expect(existsSync(join(cwd, 'runs/flowers/latest/model'))).toBe(false)
    expect(await readFile(join(cwd, 'runs/flowers/latest/run.json'), 'utf8')).toContain('"state": "diverged"')
  })

  it('says so where the run folder cannot be made', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': XOR, taken: 'a file' })
    const { code, stderr } = await nnlab(['train', '--quiet', '--run-dir', 'taken/run'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toMatch(
      /^error: cannot write .*taken\/run: a part of the path is a file\n {2}= move that file and try again, or choose another path with --run-dir\n/,
    )
  })
})

describe.each([
  ['a missing file', undefined, 4, 'flowers.csv: there is no such file'],
  ['an empty file', '', 4, 'flowers.csv'],
  ['a header alone', 'length,width,kind\n', 4, 'flowers.csv'],
  ['a ragged row', 'length,width,kind\n1,2,a\n1,2\n', 4, 'flowers.csv:3'],
  [
    'text among numbers',
    'length,width,kind\n1,2,a\n1,x,b\n3,4,c\n',
    4,
    'flowers.csv:3: "x" in column "width"',
  ],
  ['a missing value', 'length,width,kind\n1,2,a\n1,NaN,b\n3,4,c\n', 4, 'flowers.csv:3'],
])('train on %s', (_what, csv, exit, message) => {
  it('ends with one message that names file and line', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': FLOWERS, ...(csv !== undefined && { 'flowers.csv': csv }) })
    const { code, stdout, stderr } = await nnlab(['train', '--quiet'], { cwd })
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(existsSync(join(cwd, 'runs'))).toBe(false)
  })
})

describe('evaluate and predict', () => {
  const trained = async (): Promise<string> => {
    const cwd = await folderOf({ 'nnlab.yaml': FLOWERS, 'flowers.csv': CSV })
    expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    return cwd
  }

  it('measures the rows of the config, by class', async () => {
    const cwd = await trained()
    for (const model of [[], ['runs/flowers/001'], ['runs/flowers/latest/model/model.json']]) {
      const { code, stdout } = await nnlab(['evaluate', ...model, '--json'], { cwd })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        rows: 30,
        metrics: { accuracy: 1 },
        per_class: [{ label: 'aster', precision: 1, recall: 1, f1: 1, support: 10 }, {}, {}],
        confusion: [
          [10, 0, 0],
          [0, 10, 0],
          [0, 0, 10],
        ],
      })
    }
  })

  it('measures the rows of another file, and refuses a class that it never saw', async () => {
    const cwd = await trained()
    const evaluate = (stdin: string) => nnlab(['evaluate', '--data', '-', '--json'], { cwd, stdin })
    expect(JSON.parse((await evaluate('kind,width,length\nbellis,5,4\naster,0,0\n')).stdout)).toMatchObject({
      rows: 2,
      metrics: { accuracy: 1 },
    })
    const { code, stderr } = await evaluate('length,width,kind\n1,2,daisy\n')
    expect(code).toBe(4)
    expect(stderr).toContain(
      '<stdin>:2: "daisy" in column "kind" is not one of the 3 classes: aster, bellis, clover',
    )
  })

  it('ends with code 7 where a metric misses its minimum', async () => {
    const cwd = await trained()
    const evaluate = (...min: string[]) =>
      nnlab(['evaluate', '--quiet', ...min.flatMap((one) => ['--min', one])], { cwd, stdin: '' })
    expect(await evaluate('accuracy=1', 'loss=0')).toMatchObject({ code: 0, stderr: '' })
    expect(await evaluate('accuracy=1', 'loss=9')).toMatchObject({
      code: 7,
      stdout: expect.stringContaining('accuracy'),
      stderr: expect.stringMatching(/^missed: loss is \S+, less than the minimum of 9\n$/),
    })
    expect(await evaluate('accurracy=1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean accuracy?'),
    })
    expect(await evaluate('accuracy')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--min needs a metric and a number, got "accuracy"'),
    })
  })

  it('predicts labels with probabilities for rows without a target', async () => {
    const cwd = await trained()
    const { code, stdout, stderr } = await nnlab(['predict', 'runs/flowers/latest', '--quiet'], {
      cwd,
      stdin: 'width,length\n5,4\n0,8.1\n',
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [header, first, second] = stdout.split('\n')
    expect(header).toBe('row,prediction,p_aster,p_bellis,p_clover')
    expect(first).toMatch(/^1,bellis,0\.\d+,0\.\d+,0\.\d+$/)
    expect(second).toMatch(/^2,clover,/)
  })

  it('predicts as JSON lines, and as one JSON document', async () => {
    const cwd = await trained()
    const stdin = '{"length": 4, "width": 5}\n'
    const predict = (flag: string[]) =>
      nnlab(['predict', 'runs/flowers/latest', '--from', 'jsonl', ...flag], { cwd, stdin })
    const record = { row: 1, prediction: 'bellis', probabilities: { bellis: expect.any(Number) } }
    expect(JSON.parse((await predict(['--format', 'jsonl'])).stdout)).toMatchObject(record)
    expect(JSON.parse((await predict(['--json'])).stdout)).toMatchObject([record])
  })

  it.each([
    ['nothing', [], 'there is no model in'],
    ['weights that are cut off', ['weights.bin'], 'has 8 bytes, but the network has 36'],
  ])('says so where there is %s', async (_what, damage, message) => {
    const cwd = damage.length === 0 ? await folderOf({ 'nnlab.yaml': FLOWERS }) : await trained()
    for (const file of damage) {
      const { writeFile } = await import('node:fs/promises')
      await writeFile(join(cwd, 'runs/flowers/001/model', file), Buffer.alloc(8))
    }
    const { code, stderr } = await nnlab(['evaluate'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain(message)
  })
})
