import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { optimize } from '../../src/ir/passes/index.ts'
import { appendStep } from '../../src/step/step.ts'
import { buildTrainStep } from '../../src/step/train-step.ts'
import { expectClose } from '../golden/golden.ts'
import { expectGradient } from '../ir/derivatives.ts'
import { runs } from '../ir/random-program.ts'
import { modelOf, randomModel, stepInputs } from './random-model.ts'

it('differentiates the loss of random models to every parameter', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const b = new Builder()
      const { parameters, outputs } = appendStep(b, model.task, model.batch, 'train')
      const loss = outputs.get('loss') ?? b.constant(NaN)
      expectGradient(b, loss, [...parameters.values()], stepInputs(model), { tolerance: 1e-3 })
    }),
    { numRuns: runs(60) },
  )
})

it('computes the same optimized', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const program = buildTrainStep(model.task, model.batch)
      const inputs = stepInputs(model)
      const [expected, actual] = [interpret(program, inputs), interpret(optimize(program), inputs)]
      for (const [name, value] of expected) {
        expectClose(actual.get(name) ?? [], [...value], { relative: 1e-4, absolute: 1e-5 })
      }
    }),
    { numRuns: runs(60) },
  )
})

it('names new values like the inputs that hold the old ones, and leaves frozen layers alone', () => {
  const model = modelOf({
    model: {
      input: [3],
      layers: [
        { type: 'dense', name: 'frozen', units: 2, trainable: false },
        { type: 'batch_normalization', name: 'norm' },
        { type: 'dense', name: 'out', units: 1, use_bias: false },
      ],
    },
    compile: { loss: 'mean_squared_error', optimizer: { type: 'adam' }, metrics: ['mean_absolute_error'] },
  })
  const { inputs, outputs } = buildTrainStep(model.task, model.batch)
  expect([...outputs.keys()].sort()).toEqual([
    'loss',
    'loss:out',
    'metric:mean_absolute_error',
    ...['norm/beta', 'norm/gamma', 'norm/moving_mean', 'norm/moving_variance', 'out/kernel'].map(
      (id) => `parameter:${id}`,
    ),
    ...['norm/beta', 'norm/gamma', 'out/kernel'].flatMap((id) => [
      `slot:${id}/momentum`,
      `slot:${id}/velocity`,
    ]),
  ])
  for (const [name, value] of outputs) {
    if (inputs.has(name)) expect(value.shape).toEqual(inputs.get(name)?.shape)
    else expect(name).toMatch(/^(loss|metric)/)
  }
})

it('descends by the gradient', () => {
  const model = modelOf({
    model: { input: [1], layers: [{ type: 'dense', name: 'out', units: 1 }] },
    compile: { loss: 'mean_squared_error', optimizer: { type: 'sgd', learning_rate: 0.1 } },
  })
  const step = new Map<string, ArrayLike<number>>([
    ...stepInputs(model),
    ...Object.entries({
      'parameter:out/kernel': [2],
      'parameter:out/bias': [1],
      'input:input': [1, 3],
      'target:out': [0, 5],
      'weight:out': [1, 1],
    }),
  ])
  // Predictions 3 and 7, errors 3 and 2.
  const results = interpret(buildTrainStep(model.task, 2), step)
  expectClose(results.get('loss') ?? [], [6.5])
  expectClose(results.get('parameter:out/kernel') ?? [], [2 - 0.1 * (3 * 1 + 2 * 3)])
  expectClose(results.get('parameter:out/bias') ?? [], [1 - 0.1 * (3 + 2)])
})
