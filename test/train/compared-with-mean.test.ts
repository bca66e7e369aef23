import { expect, it } from 'vitest'

import type { OutputTask } from '../../src/step/task.ts'
import { comparedWithMean } from '../../src/train/compared-with-mean.ts'

const task = (kind: OutputTask['kind'], units: number, loss: OutputTask['loss']): OutputTask => ({
  name: 'y',
  kind,
  shape: [units],
  loss,
  lossWeight: 1,
  metrics: [],
})
const entropy = (shares: number[]): number => -shares.reduce((sum, p) => sum + p * Math.log(p), 0)

it('the loss of always predicting the mean is the variance of numbers', () => {
  const output = task('numbers', 1, { type: 'mean_squared_error' })
  const found = comparedWithMean(output, Float32Array.of(1, 2, 3, 6), Float32Array.of(1, 2, 4, 6))
  expect(found).toEqual({ output: 'y', loss: 0.25, ofMean: 3.5 })
})

it.each([
  ['categorical_crossentropy', false],
  ['categorical_crossentropy', true],
  ['sparse_categorical_crossentropy', false],
  ['sparse_categorical_crossentropy', true],
])('%s (from_logits: %s) of the shares of the classes is their entropy', (type, from_logits) => {
  const output = task('classes', 3, { type, from_logits, label_smoothing: 0 })
  const predictions = new Float32Array(12).fill(from_logits ? 0 : 1 / 3)
  const found = comparedWithMean(output, Int32Array.of(0, 0, 1, 2), predictions)
  expect(found?.loss).toBeCloseTo(Math.log(3), 6)
  expect(found?.ofMean).toBeCloseTo(entropy([0.5, 0.25, 0.25]), 6)
})

it('a single unit predicts the positive class', () => {
  const loss = { type: 'binary_crossentropy', from_logits: true, label_smoothing: 0 }
  const output = { ...task('classes', 1, loss), positive: 0 }
  const found = comparedWithMean(output, Int32Array.of(0, 1, 1, 1), Float32Array.of(9, -9, -9, -9))
  expect(found?.loss).toBeLessThan(0.001)
  expect(found?.ofMean).toBeCloseTo(entropy([0.25, 0.75]), 6)
})

it('margins are not compared', () => {
  const output = task('classes', 1, { type: 'hinge' })
  expect(comparedWithMean(output, Int32Array.of(0, 1), Float32Array.of(-1, 1))).toBeUndefined()
})
