import { describe, expect, it } from 'vitest'

import { stepKey } from '../../src/step/step-key.ts'
import { taskOf } from '../engine/session.cases.ts'

const MODEL = {
  input: [3],
  layers: [
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 2 },
  ],
}
const COMPILE = { loss: 'mean_squared_error', optimizer: { type: 'adam', learning_rate: 0.01 } }
const SCHEDULE = { type: 'exponential_decay', initial_learning_rate: 0.01, decay_steps: 5, decay_rate: 0.9 }
const task = taskOf(MODEL, COMPILE)
const keyOf = (one: typeof task): string => stepKey(one, 'train', 8)

describe('the key of a step', () => {
  it('is the same for another seed or learning rate, and but in training for another optimizer', () => {
    expect(keyOf({ ...task, seed: 7 })).toBe(keyOf(task))
    expect(keyOf({ ...task, optimizer: { ...task.optimizer, learning_rate: 0.02 } })).toBe(keyOf(task))
    const other = { ...task, optimizer: { type: 'sgd' } }
    expect(stepKey(other, 'evaluate', 8)).toBe(stepKey(task, 'evaluate', 8))
    expect(keyOf(other)).not.toBe(keyOf(task))
  })

  const [dropout, dense] = MODEL.layers
  it.each([
    ['a rate', { ...MODEL, layers: [{ ...dropout, rate: 0.4 }, dense] }, COMPILE],
    ['a type', { ...MODEL, layers: [{ ...dropout, type: 'gaussian_dropout' }, dense] }, COMPILE],
    ['a penalty', { ...MODEL, layers: [dropout, { ...dense, kernel_regularizer: 'l2' }] }, COMPILE],
    ['an input', { ...MODEL, input: [4] }, COMPILE],
    ['a loss', MODEL, { ...COMPILE, loss: 'mean_absolute_error' }],
    ['a metric', MODEL, { ...COMPILE, metrics: ['mean_absolute_error'] }],
    ['a decay', MODEL, { ...COMPILE, optimizer: { ...COMPILE.optimizer, weight_decay: 0.1 } }],
    ['a schedule', MODEL, { ...COMPILE, optimizer: { type: 'adam', learning_rate: SCHEDULE } }],
  ])('differs for %s', (_, model, compile) => {
    expect(keyOf(taskOf(model, compile))).not.toBe(keyOf(task))
  })

  it('tells modes, batches, layers that are unfrozen, and numbers that JSON does not, apart', () => {
    const scaled = (multiply: number) => ({
      ...task,
      outputs: task.outputs.map((output) => ({ ...output, scalings: [{ subtract: 0, multiply }] })),
    })
    const keys = [
      keyOf(task),
      stepKey(task, 'evaluate', 8),
      stepKey(task, 'predict', 8),
      stepKey(task, 'train', 9),
      keyOf({ ...task, unfrozen: new Map([['dense', 3]]) }),
      keyOf({ ...task, unfrozen: new Map([['dense', 4]]) }),
      ...[0, -0, NaN, Infinity].map((number) => keyOf(scaled(number))),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
