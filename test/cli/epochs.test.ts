import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { environmentOf } from '../../src/core/environment.ts'
import { openModel } from '../../src/experiment/model.ts'
import { folderOf, nnlab } from './support.ts'

/** A pass is 10 steps, the last of them of 2 rows. */
const CONFIG = `
data: {type: csv, path: rows.csv, target: y}
model: {layers: [{type: dense, units: 4, activation: relu}, {type: dropout, rate: 0.2}, {type: dense, units: 1}]}
compile: {loss: mse, optimizer: {type: adam, learning_rate: 0.05}}
fit: {epochs: 6, batch_size: 4}
`
const ROWS = `a,b,y\n${Array.from({ length: 38 }, (_, i) => `${(i * 7) % 11},${(i * 5) % 13},${i % 6}\n`).join('')}`

const Trained = z.object({ steps: z.number(), epochs: z.number(), weights_sha256: z.string() })

const folder = () => folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': ROWS })

async function train(cwd: string, keys: readonly string[], options: readonly string[] = []) {
  const argv = ['train', '--quiet', '--json', ...options, ...keys.map((key) => `--set=${key}`)]
  const ran = await nnlab(argv, { cwd })
  expect(ran).toMatchObject({ code: 0 })
  return Trained.parse(JSON.parse(ran.stdout))
}

describe('fit.steps_per_epoch', () => {
  it.each([
    [3, 20],
    [12, 5],
    [25, 2],
    [60, 1],
  ])('of %i changes where epochs end, not what is trained', async (steps, epochs) => {
    const cwd = await folder()
    const plain = await train(cwd, [`fit.epochs=${(steps * epochs) / 10}`])
    const cut = await train(cwd, [`fit.steps_per_epoch=${steps}`, `fit.epochs=${epochs}`])
    expect(cut).toMatchObject({ steps: plain.steps, weights_sha256: plain.weights_sha256 })
  })

  it('is resumed in the middle of a pass', async () => {
    const cwd = await folder()
    const keys = ['fit.steps_per_epoch=7', 'fit.epochs=8']
    const whole = await train(cwd, keys)
    await train(cwd, [keys[0] ?? '', 'fit.epochs=3'], ['--run-dir', 'part'])
    expect(await train(cwd, ['fit.epochs=8'], ['--resume', 'part'])).toMatchObject(whole)
  })
})

describe('schedules in epochs', () => {
  const scheduled = (option: string) => `compile.optimizer.learning_rate={${option}}`
  it.each([
    ['exponential_decay, initial_learning_rate: 0.1, decay_rate: 0.5, decay_steps: ', '2 epochs', 20],
    ['exponential_decay, initial_learning_rate: 0.1, decay_rate: 0.5, decay_steps: ', '0.25 epochs', 3],
    ['one_cycle, max_learning_rate: 0.1, total_steps: ', '6 epochs', 60],
    ['piecewise_constant_decay, values: [0.1, 0.01], boundaries: ', '[1 epoch]', '[10]'],
  ])('count the steps of an epoch: %s%s', async (type, epochs, steps) => {
    const cwd = await folder()
    const { weights_sha256 } = await train(cwd, [scheduled(`type: ${type}${steps}`)])
    expect(await train(cwd, [scheduled(`type: ${type}${epochs}`)])).toMatchObject({ weights_sha256 })
  })

  it('count those of fit.steps_per_epoch, where it is given', async () => {
    const cwd = await folder()
    const type = 'type: exponential_decay, initial_learning_rate: 0.1, decay_rate: 0.5, decay_steps: '
    const { weights_sha256 } = await train(cwd, [scheduled(`${type}6`), 'fit.steps_per_epoch=3'])
    const inEpochs = await train(cwd, [scheduled(`${type}2 epochs`), 'fit.steps_per_epoch=3'])
    expect(inEpochs).toMatchObject({ weights_sha256 })
  })

  it('are those of its training in a model that is exported', async () => {
    const cwd = await folder()
    const schedule = 'type: cosine_decay, initial_learning_rate: 0.1, decay_steps: 2 epochs'
    await train(cwd, [scheduled(schedule), 'fit.epochs=1'], ['--run-dir', 'run'])
    const { task } = await openModel('run', environmentOf({ cwd }))
    expect(task.optimizer).toMatchObject({ learning_rate: { decay_steps: 20 } })
  })

  it('are refused where they are neither', async () => {
    const cwd = await folder()
    const schedule = scheduled('type: cosine_decay, initial_learning_rate: 0.1, decay_steps: 2 weeks')
    const { code, stderr } = await nnlab(['validate', '--set', schedule], { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('number of updates, or of epochs')
    const mixed = scheduled('type: piecewise_constant_decay, boundaries: [5, 2 epochs], values: [1, 2, 3]')
    const { stderr: why } = await nnlab(['validate', '--set', mixed], { cwd })
    expect(why).toContain('all of updates or all of epochs')
  })
})
