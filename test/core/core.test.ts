import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import {
  crossValidate,
  listGroups,
  listRuns,
  predict,
  report,
  sweep,
  train,
  trainSeeds,
  validate,
  verify,
} from '../../src/core/index.ts'
import type { CrossValidateOptions, TrainingListener } from '../../src/core/index.ts'
import { folderOf } from '../cli/support.ts'

const config = {
  name: 'xor',
  data: {
    type: 'inline',
    inputs: [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    targets: [0, 1, 1, 0],
  },
  model: {
    input: [2],
    layers: [
      { type: 'dense', units: 8, activation: 'tanh' },
      { type: 'dense', units: 1, activation: 'sigmoid' },
    ],
  },
  compile: { loss: 'binary_crossentropy', optimizer: { type: 'adam', learning_rate: 0.1 } },
  fit: { batch_size: 1, epochs: 100 },
  checkpoint: { every: '3 steps', keep: 5 },
}

/** Aborts after some steps of an epoch, exactly. */
function stopAt(epoch: number, step: number): { signal: AbortSignal; listeners: TrainingListener[] } {
  const end = new AbortController()
  const listener: TrainingListener = {
    nextStep: (done) => (done < 4 * epoch + step ? 4 * epoch + step : Infinity),
    onProgress: (at, steps) => void (at === epoch && steps === step && end.abort()),
  }
  return { signal: end.signal, listeners: [listener] }
}

it('trains and predicts from plain objects, and prints nothing', async () => {
  const cwd = await folderOf()
  const { run, stopped, metrics } = await train({ config, cwd, process })
  expect({ run, stopped }).toEqual({ run: join(cwd, 'runs/xor/001'), stopped: 'completed' })
  expect(metrics['loss']).toBeLessThan(0.1)
  expect(JSON.parse(await readFile(join(run, 'config.yaml'), 'utf8'))).toEqual(config)
  const rows = [
    { a: 0, b: 1 },
    { a: 1, b: 1 },
  ]
  const predicted = await predict({ model: run, rows, cwd })
  expect(predicted.map(({ prediction }) => prediction)).toEqual(['1', '0'])
})

it('a run that ended in the middle of an epoch is resumed and verified to the last step', async () => {
  const cwd = await folderOf()
  const interrupted = await train({ config, cwd, process, ...stopAt(5, 2) })
  expect(interrupted).toMatchObject({ stopped: 'interrupted', epochs: 5, steps: 22 })
  expect(await verify({ run: interrupted.run, cwd })).toMatchObject({
    difference: undefined,
    epochs: 5,
    finalWeights: true,
  })
  const whole = await train({ config, cwd, process })
  const resumed = await train({ resume: interrupted.run, cwd, process })
  expect(resumed.weightsSha256).toBe(whole.weightsSha256)
})

it('a cross-validation that is interrupted has no result', async () => {
  const cwd = await folderOf()
  const folds: number[] = []
  const onTrial: CrossValidateOptions['onTrial'] = ({ kind, trial }) =>
    void (kind === 'begin' && folds.push(trial.number))
  expect(await crossValidate({ config, folds: 2, cwd, process, onTrial, ...stopAt(0, 1) })).toBeUndefined()
  expect(folds).toEqual([1])
})

it('a config that is a plain object has its mistakes at the lines of its JSON', async () => {
  const { ok, diagnostics } = await validate({ config: { ...config, fit: { epoch: 3 } } })
  expect(ok).toBe(false)
  expect(diagnostics).toMatchObject([
    { code: 'unknown-key', path: 'fit.epoch', hint: 'did you mean "epochs"?' },
  ])
})

it.each([
  ['train', train],
  ['crossValidate', crossValidate],
  ['trainSeeds', trainSeeds],
  ['sweep', sweep],
  ['listRuns', listRuns],
  ['listGroups', listGroups],
  ['report', report],
])('%s asks for a process that is left out before it writes anything', async (_, run) => {
  const cwd = await folderOf()
  const options = { config, cwd, run: 'run', runs: ['run'], parameters: ['seed=1,2'], seeds: 2, folds: 2 }
  const called = Promise.resolve().then((): unknown => Reflect.apply(run, undefined, [options]))
  await expect(called).rejects.toThrow('process: expected the `process` of Node')
  expect(await readdir(cwd)).toEqual([])
})
