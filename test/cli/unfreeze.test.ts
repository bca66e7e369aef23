import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { RunRecord } from '../../src/run/record.ts'
import { folderOf, nnlab } from './support.ts'

const config = (optimizer: string): string => `
name: net
data:
  type: inline
  inputs: [[0, 1], [1, 0], [1, 1], [0, 0], [2, 1], [1, 2], [2, 0]]
  targets: [1, 2, 0, 1, 3, 2, 0]
model:
  freeze: [dense, batch*]
  layers:
    - {type: dense, units: 4, activation: tanh}
    - batch_normalization
    - {type: dense, units: 3, activation: tanh, kernel_regularizer: l2}
    - {type: dense, units: 1}
compile: {loss: mean_squared_error, optimizer: ${optimizer}}
fit:
  batch_size: 3
  epochs: 6
  callbacks:
    - {type: unfreeze, at: 3 epochs, layers: [dense, batch*]}
checkpoint: {every: 2 steps, keep: 100}
`
const ADAM = '{type: adam, learning_rate: 0.05}'

const Result = z.object({ run: z.string() })

async function train(cwd: string, ...argv: string[]): Promise<RunRecord> {
  const ran = await nnlab(['train', '--quiet', '--json', ...argv], { cwd })
  expect(ran).toMatchObject({ code: 0 })
  const { run } = Result.parse(JSON.parse(ran.stdout))
  return RunRecord.parse(JSON.parse(await readFile(join(cwd, run, 'run.json'), 'utf8')))
}

const weightsOf = async (...argv: Parameters<typeof train>): Promise<string | undefined> =>
  (await train(...argv)).weights_sha256

describe('callbacks: unfreeze', () => {
  it.each([ADAM, '{type: sgd, learning_rate: 0.05, momentum: 0.9, use_ema: true}'])(
    'comes to the same weights wherever training is interrupted, with %s',
    async (optimizer) => {
      const cwd = await folderOf({ 'nnlab.yaml': config(optimizer) })
      const whole = await weightsOf(cwd)
      for (const epochs of [2, 3, 4]) {
        const folder = `half-${epochs}`
        await train(cwd, '--run-dir', folder, '--set', `fit.epochs=${epochs}`)
        expect(await weightsOf(cwd, '--resume', folder, '--set', 'fit.epochs=6')).toBe(whole)
      }
      // From the middle of the epochs before and after the layers are trained.
      for (const newest of ['00002-000002', '00003-000001']) {
        const checkpoints = join(cwd, 'runs/net/001/checkpoints')
        const names = await readdir(checkpoints)
        expect(names).toContain(newest)
        for (const name of names.filter((one) => one > newest))
          await rm(join(checkpoints, name), { recursive: true })
        expect(await weightsOf(cwd, '--resume', 'runs/net/001')).toBe(whole)
      }
    },
  )

  it('trains as a fork in which the layers are not frozen, with an optimizer that counts no steps', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config('{type: sgd, learning_rate: 0.05, momentum: 0.9}') })
    const whole = await weightsOf(cwd)
    const frozen = ['--set', 'fit.callbacks=[]']
    await train(cwd, '--run-dir', 'frozen', '--set', 'fit.epochs=3', ...frozen)
    expect(
      await weightsOf(cwd, 'nnlab.yaml', '--fork', 'frozen', ...frozen, '--set', 'model.freeze=[]'),
    ).toBe(whole)
    expect(await weightsOf(cwd, '--run-dir', 'still', ...frozen)).not.toBe(whole)
  })

  it('sets a learning rate, which a schedule does not allow', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config(ADAM) })
    const rate = ['--set', 'fit.callbacks[0].learning_rate=0.001']
    const [whole, slow] = [await weightsOf(cwd), await weightsOf(cwd, ...rate)]
    expect(slow).not.toBe(whole)
    const schedule =
      'compile.optimizer.learning_rate={type: exponential_decay, initial_learning_rate: 0.1, decay_steps: 5, decay_rate: 0.5}'
    expect(await nnlab(['validate', '--set', schedule, ...rate], { cwd })).toMatchObject({ code: 3 })
    expect(await nnlab(['validate', '--set', schedule], { cwd })).toMatchObject({ code: 0 })
  })

  it('names a layer that is not frozen', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config(ADAM) })
    const { code, stderr } = await nnlab(['validate', '--set', 'fit.callbacks[0].layers=[dense_1]'], { cwd })
    expect([code, stderr]).toEqual([3, expect.stringContaining('no frozen layer is named "dense_1"')])
  })

  it('trains on TensorFlow.js, too', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': config(ADAM) })
    const sums = await Promise.all(
      [[], ['--backend', 'cpu']].map((engine, i) => train(cwd, '--run-dir', `run-${i}`, ...engine)),
    )
    expect(sums[1]?.metrics?.['loss']).toBeCloseTo(sums[0]?.metrics?.['loss'] ?? NaN, 4)
  })
})
