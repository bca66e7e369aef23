import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const old = fileURLToPath(new URL('../fixtures/runs-0.1.0/', import.meta.url))
const iris = fileURLToPath(new URL('../../configs/data/iris.csv', import.meta.url))

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0], split: {test: 0.25}}
model: {input: [2], layers: [{type: dense, units: 8, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: {type: adam, learning_rate: 0.01}, metrics: [accuracy]}
fit: {batch_size: 2, epochs: 6}
checkpoint: {every: 3 steps}
`

/** A net that is good for some steps and then diverges. */
const DIVERGING = `
name: line
data: {type: inline, inputs: [[1], [2], [3], [4]], targets: [2, 4, 6, 8]}
model: {input: [1], layers: [{type: dense, units: 1}]}
compile:
  loss: mean_squared_error
  optimizer:
    type: sgd
    learning_rate: {type: piecewise_constant_decay, boundaries: [11], values: [0.01, 1.0e+25]}
fit: {batch_size: 2, epochs: 200}
checkpoint: {every: 1 epoch}
`

const text = (...path: string[]): Promise<string> => readFile(join(...path), 'utf8')

async function trained(config: string): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': config })
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

/** Weights and history of a run. */
async function resultOf(run: string): Promise<string[]> {
  const sha256 = /"weights_sha256": .*/.exec(await text(run, 'run.json'))?.[0] ?? ''
  return [sha256, await text(run, 'history.csv')]
}

describe('train --fork', () => {
  it('starts a new run from the last checkpoint with another learning rate', async () => {
    const cwd = await trained(CONFIG)
    const before = await resultOf(join(cwd, 'runs/xor/001'))
    const argv = ['train', '--fork', 'runs/xor/001', '--set', 'compile.optimizer.learning_rate=0.001']
    const { code, stderr, stdout } = await nnlab([...argv, '--set', 'fit.epochs=9'], { cwd })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('runs/xor/001 after 6 epochs'),
    })
    expect(stdout).toContain('saved in runs/xor/002')
    expect(await text(cwd, 'runs/xor/002/history.csv')).toMatch(/^epoch,loss,accuracy\n7,.*\n8,.*\n9,.*\n$/)
    expect(JSON.parse(await text(cwd, 'runs/xor/002/run.json'))).toMatchObject({
      base: {
        checkpoint: join(cwd, 'runs/xor/001/checkpoints/00006-000000'),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
    expect(await resultOf(join(cwd, 'runs/xor/001'))).toEqual(before)
  })

  it('goes on as the run itself would where nothing is changed but the number of epochs', async () => {
    const [cwd, whole] = [await trained(CONFIG), await trained(CONFIG.replace('epochs: 6', 'epochs: 9'))]
    const argv = ['train', '--fork', 'runs/xor/001', '--set', 'fit.epochs=9', '--quiet']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0 })
    const [[fork], [straight]] = [
      await resultOf(join(cwd, 'runs/xor/002')),
      await resultOf(join(whole, 'runs/xor/001')),
    ]
    expect(fork).toBe(straight)
  })

  it('is resumed and verified without the run that it started from, to the same bits', async () => {
    const cwd = await trained(CONFIG)
    const fork = [
      'train',
      'nnlab.yaml',
      '--fork',
      'runs/xor/001',
      '--quiet',
      '--set',
      'compile.optimizer.learning_rate=0.002',
    ]
    await nnlab([...fork, '--set', 'fit.epochs=12', '--run-dir', 'whole'], { cwd })
    await nnlab([...fork, '--set', 'fit.epochs=8', '--run-dir', 'parts'], { cwd })
    await nnlab([...fork, '--set', 'fit.epochs=8', '--run-dir', 'none'], { cwd })
    await rm(join(cwd, 'runs'), { recursive: true })
    await rm(join(cwd, 'none/checkpoints'), { recursive: true })
    for (const run of ['parts', 'none']) {
      const resumed = await nnlab(['train', '--resume', run, '--set', 'fit.epochs=12', '--quiet'], { cwd })
      expect(resumed).toMatchObject({ code: 0 })
      expect(await resultOf(join(cwd, run))).toEqual(await resultOf(join(cwd, 'whole')))
    }
    const verified = await nnlab(['verify', 'parts'], { cwd })
    expect(verified.stdout).toMatch(/reproduced bit for bit: 6 epochs, \d checkpoints, the final weights/)
    await writeFile(join(cwd, 'parts/base/manifest.json'), '{}')
    expect(await nnlab(['verify', 'parts'], { cwd })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('damaged'),
    })
  })

  it('takes a checkpoint by its name, and an optimizer that keeps other numbers', async () => {
    const cwd = await trained(CONFIG)
    const argv = ['train', '--fork', 'runs/xor/001/checkpoints/00004-000001', '--quiet']
    const optimizer = 'compile.optimizer={type: rmsprop, learning_rate: 0.001}'
    expect(await nnlab([...argv, '--set', optimizer], { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await text(cwd, 'runs/xor/002/history.csv')).toMatch(/\n5,.*\n6,.*\n$/)
  })

  it('of a run whose record is damaged takes its checkpoints, as the message says', async () => {
    const cwd = await trained(CONFIG)
    const run = join(cwd, 'runs/xor/001')
    await writeFile(join(run, 'run.json'), (await text(run, 'run.json')).slice(0, 300))
    const refused = await nnlab(['train', '--resume', 'runs/xor/001'], { cwd })
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`nnlab train config.yaml --fork ${run}`),
    })
    const argv = ['train', 'nnlab.yaml', '--fork', run, '--quiet', '--set', 'fit.epochs=9']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0 })
    expect(await text(cwd, 'runs/xor/002/history.csv')).toMatch(/\n7,.*\n8,.*\n9,.*\n$/)
  })

  it('of a run of 0.1.0 is a run of today', async () => {
    const cwd = await folderOf()
    for (const name of ['iris.yaml', 'interrupted'])
      await cp(join(old, name), join(cwd, name), { recursive: true })
    const set = [`data.path=${iris}`, 'fit.epochs=335'].flatMap((key) => ['--set', key])
    const argv = ['train', 'iris.yaml', '--fork', 'interrupted', '--run-dir', 'fork', '--quiet', ...set]
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 0, stderr: '' })
    expect(await nnlab(['verify', 'fork'], { cwd })).toMatchObject({ code: 0 })
  })

  it.each([
    [[], 2, 'the checkpoint is from after epoch 6, and fit.epochs is 6'],
    [['--set', 'model.layers[0].units=9'], 6, 'does not fit the network'],
    [['--resume', 'runs/xor/001'], 2, 'fork'],
  ])('refuses %j', async (more, code, message) => {
    const cwd = await trained(CONFIG)
    const ran = await nnlab(['train', '--fork', 'runs/xor/001', ...more], { cwd })
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(message) })
  })

  it('refuses what has no checkpoint', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    for (const argv of [
      ['train', 'nnlab.yaml', '--fork', 'none'],
      ['train', '--fork', 'none'],
      ['verify', 'none'],
    ]) {
      expect(await nnlab(argv, { cwd })).toEqual({
        code: 6,
        stdout: '',
        stderr: 'error: there is no run none\n  = `nnlab runs` lists the runs\n',
      })
    }
  })

  it.each([
    ['train', '--fork'],
    ['verify'],
    ['evaluate'],
    ['predict'],
    ['summary'],
    ['export', '--format', 'csv'],
  ])('of several runs is refused with what lists them: %s %s', async (...argv) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    expect(await nnlab(['train', '--seeds', '2', '--quiet'], { cwd })).toMatchObject({ code: 0 })
    const { code, stderr } = await nnlab([...argv, 'runs/xor/seeds-001'], { cwd })
    expect(code).toBe(6)
    expect(stderr).toMatch(/it holds several runs: name one of those that `nnlab runs \S*seeds-001` lists/)
  })

  it.each(['evaluate', 'predict', 'summary', 'report'])(
    '%s of no run does not ask for a config',
    async (command) => {
      const { code, stderr } = await nnlab([command, 'runs/xor/009'], {
        cwd: await folderOf({ 'nnlab.yaml': CONFIG }),
      })
      expect(code).toBe(6)
      expect(stderr).toContain('there is no model in')
    },
  )
})

describe('a run that diverged', () => {
  it('is evaluated at its last good checkpoint, and goes on from it with a smaller learning rate', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': DIVERGING })
    const { code, stderr } = await nnlab(['train', '--quiet'], { cwd })
    expect(code).toBe(5)
    const [, checkpoint = ''] =
      /the last good checkpoint is (\S+), and the saved model is from it/.exec(stderr) ?? []
    expect(checkpoint).toMatch(/^runs\/line\/001\/checkpoints\/\d{5}-000000$/)
    const evaluated = await nnlab(['evaluate', '--json'], { cwd })
    expect(evaluated.stdout).toMatch(/"loss":\d/)
    expect(await nnlab(['verify', 'runs/line/001'], { cwd })).toMatchObject({ code: 0 })
    const [, command = ''] = /nnlab (train --fork .*?);/.exec(stderr) ?? []
    expect(command).toContain(`${checkpoint} --set compile.optimizer.learning_rate=0.0001`)
    const faster = command.replace('0.0001', '0.02').split(' ')
    const forked = await nnlab([...faster, '--json', '--quiet'], { cwd })
    expect(forked).toMatchObject({ code: 0, stderr: '' })
    expect(forked.stdout).toMatch(/"loss":0\.00/)
  })

  it('of --update saves no model', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': DIVERGING })
    const argv = ['train', '--run-dir', 'run', '--update', '--quiet']
    expect(await nnlab(argv, { cwd })).toMatchObject({ code: 5 })
    expect(await nnlab(['evaluate', 'run'], { cwd })).toMatchObject({ code: 6 })
  })
})

it('the refusals of a resume name the fork, which works', async () => {
  const cwd = await trained(CONFIG)
  const change = ['--set', 'compile.optimizer.learning_rate=0.1', '--set', 'fit.epochs=8', '--quiet']
  const { code, stderr } = await nnlab(['train', '--resume', 'runs/xor/001', ...change], { cwd })
  expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('--fork runs/xor/001') })
  expect(await nnlab(['train', '--fork', 'runs/xor/001', ...change], { cwd })).toMatchObject({ code: 0 })
})
