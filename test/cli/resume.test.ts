import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: xor
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], targets: [0, 1, 1, 0]}
model: {input: [2], layers: [{type: dense, units: 8, activation: tanh}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 3, epochs: 12}
checkpoint: {every: 5 steps, keep: 9}
`

/** All that a run leaves, but for times. */
async function resultOf(run: string) {
  const read = (name: string): Promise<string> => readFile(join(run, name), 'utf8')
  return {
    sha256: /"weights_sha256": .*/.exec(await read('run.json'))?.[0],
    history: await read('history.csv'),
    epochs: (await read('events.jsonl'))
      .replaceAll(/"time":"[^"]*"/g, '')
      .split('\n')
      .slice(1),
  }
}

async function trained(...set: string[]): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  const { code } = await nnlab(['train', '--quiet', ...set.flatMap((text) => ['--set', text])], { cwd })
  expect(code).toBe(0)
  return cwd
}

describe('train --resume', () => {
  it('goes on for more epochs as if there had been as many from the start', async () => {
    const [cwd, whole] = [await trained(), await trained('fit.epochs=20')]
    const { code, stderr } = await nnlab(['train', '--resume', '--quiet', '--set', 'fit.epochs=20'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toBe(
      'the config differs from that of runs/xor/001:\n  fit.epochs: 12 -> 20\nresuming runs/xor/001 after epoch 12\n',
    )
    expect(await resultOf(join(cwd, 'runs/xor/001'))).toEqual(await resultOf(join(whole, 'runs/xor/001')))
  })

  it('augments the rows of later epochs as if nothing had been in between, on any number of threads', async () => {
    const config = (threads: number): string => `
seed: 3
data:
  type: inline
  inputs: [[0, 1, 0, 2, 5, 2, 1, 1, 0], [3, 1, 0, 0, 1, 2, 4, 1, 0], [0, 2, 2, 1, 5, 0, 1, 3, 4], [1, 0, 1, 0, 4, 0, 2, 2, 2]]
  targets: [0, 1, 1, 0]
  augment: [{type: random_rotation, factor: 0.2}, {type: random_brightness, factor: 0.1, value_range: [0, 5]}]
model: {input: [3, 3, 1], layers: [{type: conv2d, filters: 2, kernel_size: 2}, flatten, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {batch_size: 2, epochs: 6, threads: ${threads}}
checkpoint: {every: 1 steps}
`
    const [cwd, whole] = [
      await folderOf({ 'xor.yaml': config(1) }),
      await folderOf({ 'xor.yaml': config(3) }),
    ]
    const commands: [string, string[]][] = [
      [whole, ['train', 'xor.yaml', '--quiet']],
      [cwd, ['train', 'xor.yaml', '--quiet', '--set', 'fit.epochs=2']],
      [cwd, ['train', 'xor.yaml', '--resume', '--quiet', '--set', 'fit.epochs=6']],
    ]
    for (const [folder, command] of commands) expect((await nnlab(command, { cwd: folder })).code).toBe(0)
    expect(await resultOf(join(cwd, 'runs/xor/001'))).toEqual(await resultOf(join(whole, 'runs/xor/001')))
  })

  it('takes the checkpoint before a damaged one, from the middle of an epoch', async () => {
    const cwd = await trained()
    const run = join(cwd, 'runs/xor/001')
    const wanted = await resultOf(run)
    const checkpoints = (await readdir(join(run, 'checkpoints'))).sort().reverse()
    const middle = checkpoints.findIndex((name) => name.endsWith('-000001'))
    expect(middle).toBeGreaterThan(0)
    for (const name of checkpoints.slice(0, middle))
      await truncate(join(run, 'checkpoints', name, 'arrays.bin'), 1)
    const { code, stderr } = await nnlab(['train', '--resume', 'runs/xor/001', '--quiet'], { cwd })
    expect(code).toBe(0)
    expect(stderr.match(/arrays\.bin has 1 bytes instead of/g)).toHaveLength(middle)
    expect(stderr).toMatch(/resuming runs\/xor\/001 after epoch \d+ and 1 step\n$/)
    expect(await resultOf(run)).toEqual(wanted)
  })

  it.each([
    ['seed=3', 'seed: 0 -> 3'],
    ['fit.batch_size=2', 'fit.batch_size: 3 -> 2'],
    ['fit.parts=2', 'fit.parts: 1 -> 2'],
    ['compile.optimizer={type: adam, learning_rate: 0.1}', 'compile.optimizer.learning_rate: 0.001 -> 0.1'],
  ])('refuses %s, which would change the past', async (change, line) => {
    const cwd = await trained()
    const { code, stderr } = await nnlab(['train', '--resume', '--set', change], { cwd })
    expect(code).toBe(6)
    expect(stderr).toContain(`would change epochs that runs/xor/001 has already trained:\n  ${line}\n`)
  })

  it('refuses where no checkpoint is intact, and where there is no run', async () => {
    const cwd = await trained('checkpoint.keep=1')
    const [name = ''] = await readdir(join(cwd, 'runs/xor/001/checkpoints'))
    await writeFile(join(cwd, 'runs/xor/001/checkpoints', name, 'manifest.json'), '{}')
    const damaged = await nnlab(['train', '--resume'], { cwd })
    expect(damaged.code).toBe(6)
    expect(damaged.stderr).toContain('no checkpoint of runs/xor/001 can be used')
    expect((await nnlab(['train', '--resume', 'runs/none'], { cwd })).code).toBe(6)
  })
})

describe('train --run-dir where there is a run already', () => {
  const into = (cwd: string, ...argv: string[]) =>
    nnlab(['train', '--run-dir', 'run', '--quiet', ...argv], { cwd })

  it('refuses to replace it, and changes nothing', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    expect(await into(cwd)).toMatchObject({ code: 0 })
    const [before, checkpoints] = [await resultOf(join(cwd, 'run')), join(cwd, 'run/checkpoints')]
    const kept = await readdir(checkpoints)
    const { code, stderr } = await into(cwd, '--set', 'seed=3')
    expect(code).toBe(6)
    expect(stderr).toBe(
      'error: run holds a run already: completed, 12 epochs\n' +
        '  = `nnlab train --resume run` resumes it; --update replaces it where config or data have changed\n',
    )
    expect(await resultOf(join(cwd, 'run'))).toEqual(before)
    expect(await readdir(checkpoints)).toEqual(kept)
  })

  it.each([
    ['seed=3', 'seed: 0 -> 3'],
    ['fit.epochs=20', 'fit.epochs: 12 -> 20'],
    ['data.targets=[0, 0, 0, 1]', 'data.targets[1]: 1 -> 0'],
  ])('--update trains anew where %s is not what it was', async (change, line) => {
    const [cwd, other] = [await folderOf({ 'nnlab.yaml': CONFIG }), await folderOf({ 'nnlab.yaml': CONFIG })]
    await into(cwd)
    const argv = ['train', '--run-dir', 'run', '--update', '--set', change]
    const { code, stderr } = await nnlab(argv, { cwd })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`run is retrained: the config differs from that of run: ${line}`),
    })
    expect(await into(other, '--set', change)).toMatchObject({ code: 0 })
    expect(await resultOf(join(cwd, 'run'))).toEqual(await resultOf(join(other, 'run')))
  })

  it('--update goes on with the same one, and saves its model again', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    await into(cwd)
    const before = await resultOf(join(cwd, 'run'))
    await rm(join(cwd, 'run/model'), { recursive: true })
    const { code, stderr } = await nnlab(['train', '--run-dir', 'run', '--update'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'resuming run after epoch 12\n' })
    expect(await readdir(join(cwd, 'run/model'))).toContain('model.json')
    expect(await resultOf(join(cwd, 'run'))).toEqual(before)
  })

  it('--update wants to know which', async () => {
    const { code, stderr } = await nnlab(['train', '--update'], { cwd: await folderOf() })
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--run-dir') })
  })
})

it('verify, runs and diff tell about runs', async () => {
  const cwd = await trained()
  await nnlab(['train', '--quiet', '--set', 'seed=1'], { cwd })
  const same = await nnlab(['verify', 'runs/xor/001'], { cwd })
  expect(same.stdout).toMatch(
    /^runs\/xor\/001 reproduced bit for bit: 12 epochs, \d checkpoints, the final weights\n$/,
  )
  const history = join(cwd, 'runs/xor/001/history.csv')
  await writeFile(history, (await readFile(history, 'utf8')).replace('\n5,', '\n5,9'))
  const parted = await nnlab(['verify', 'runs/xor/001'], { cwd })
  expect(parted.code).toBe(6)
  expect(parted.stderr).toContain('the replay diverges at epoch 5: loss is 9')
  const { runs } = JSON.parse((await nnlab(['runs', '--json'], { cwd })).stdout)
  expect(runs).toMatchObject([
    { run: 'runs/xor/001', state: 'completed', epochs: { done: 12, wanted: 12 } },
    { run: 'runs/xor/002', state: 'completed' },
  ])
  const { stdout } = await nnlab(['diff', 'runs/xor/001', 'runs/xor/002'], { cwd })
  expect(stdout).toContain('seed: 0 -> 1')
  expect(stdout).toContain('the weights are not the same')
})

describe('a run that is resumed and has nothing left to do', () => {
  const EARLY = CONFIG.replace(
    'fit: {batch_size: 3, epochs: 12}',
    'fit: {batch_size: 3, epochs: 60, callbacks: [{type: early_stopping, monitor: loss, min_delta: 1, patience: 2}]}',
  )

  it('says which patience makes it go on, and goes on with it', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': EARLY })
    await nnlab(['train', '--quiet'], { cwd })
    const again = ['train', '--resume', 'runs/xor/001', '--set', 'fit.epochs=100']
    const { code, stderr } = await nnlab(again, { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain(
      "note: runs/xor/001 has already ended: early_stopping: loss has not improved for 2 epochs; a larger patience makes it continue, as in `nnlab train --resume runs/xor/001 --set 'fit.callbacks[0].patience=14'`, or start a new run from it with `nnlab train --fork runs/xor/001`\n",
    )
    const more = await nnlab([...again, '--set', 'fit.callbacks[0].patience=14', '--json', '--quiet'], {
      cwd,
    })
    expect(more).toMatchObject({ code: 0, stdout: expect.stringContaining('"epochs":15,') })
    const forked = await nnlab(['train', '--fork', 'runs/xor/001', '--quiet', '--json'], { cwd })
    expect(forked).toMatchObject({ code: 0, stdout: expect.stringContaining('"epochs":30,') })
  })

  it('says how many epochs make it go on', async () => {
    const cwd = await trained()
    const { code, stderr } = await nnlab(['train', '--resume'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain(
      'runs/xor/001 has already trained all of its 12 epochs: set more, as in `nnlab train --resume runs/xor/001 --set fit.epochs=22`',
    )
  })
})

describe('a run that failed before its first epoch', () => {
  const failed = async (): Promise<string> => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    const compile = '{loss: mean_squared_error, optimizer: {type: sgd, learning_rate: 1.0e+30}}'
    const set = [`compile=${compile}`, 'model.layers[1].activation=linear'].flatMap((key) => ['--set', key])
    const { code, stderr } = await nnlab(['train', '--run-dir', 'run', ...set], { cwd })
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('no checkpoint before it') })
    return cwd
  }

  it('does not block its folder', async () => {
    const cwd = await failed()
    expect(await nnlab(['train', '--run-dir', 'run', '--quiet'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    })
  })

  it('is resumed from the beginning, with any changes', async () => {
    const cwd = await failed()
    const { code, stderr } = await nnlab(
      ['train', '--resume', 'run', '--quiet', '--set', 'compile.optimizer.learning_rate=0.01'],
      { cwd },
    )
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'run has no checkpoint yet: it starts from the beginning\n',
    })
    expect(await nnlab(['verify', 'run'], { cwd })).toMatchObject({ code: 0 })
  })
})
