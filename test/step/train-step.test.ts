import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { optimize } from '../../src/ir/passes/index.ts'
import { namedInputs, StepBuilder } from '../../src/step/step-program.ts'
import { appendStep } from '../../src/step/step.ts'
import { buildTrainStep } from '../../src/step/train-step.ts'
import { expectClose } from '../golden/golden.ts'
import { expectGradient } from '../ir/derivatives.ts'
import { runs } from '../runs.ts'
import { interpretStep } from './interpret-step.ts'
import { modelOf, randomModel, stepInputs } from './random-model.ts'

it('differentiates the loss of random models to every parameter', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const step = new StepBuilder()
      const { parameters, loss } = appendStep(step, model.task, model.batch, 'train')
      const wrt = [...parameters.values()]
      const inputs = namedInputs(step.build(), stepInputs(model))
      expectGradient(step.b, loss ?? step.b.constant(NaN), wrt, inputs, { tolerance: 1e-3 })
    }),
    { numRuns: runs(30) },
  )
})

it('computes the same optimized', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const step = buildTrainStep(model.task, model.batch)
      const { program } = step
      const inputs = namedInputs(step, stepInputs(model))
      const [expected, actual] = [interpret(program, inputs), interpret(optimize(program), inputs)]
      for (const [name, value] of expected) {
        expectClose(actual.get(name) ?? [], [...value], { relative: 1e-4, absolute: 1e-5 })
      }
    }),
    { numRuns: runs(30) },
  )
})

it('puts new values in the place of the old ones, and leaves frozen layers alone', () => {
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
  const step = buildTrainStep(model.task, model.batch)
  const { parameters, slots, state } = step.assignments
  expect([...parameters.keys()].sort()).toEqual([
    'norm/beta',
    'norm/gamma',
    'norm/moving_mean',
    'norm/moving_variance',
    'out/kernel',
  ])
  expect([...slots.keys()].sort()).toEqual(
    ['norm/beta', 'norm/gamma', 'out/kernel'].flatMap((id) => [`${id}/momentum`, `${id}/velocity`]),
  )
  expect(state.size).toBe(0)
  for (const [id, name] of parameters) expect(name).toBe(step.parameters.get(id))
  for (const [key, name] of slots) expect(name).toBe(step.slots.get(key))
  const { inputs, outputs } = step.program
  const assigned = [...parameters.values(), ...slots.values()]
  for (const name of assigned) expect(outputs.get(name)?.shape).toEqual(inputs.get(name)?.shape)
  expect([...step.losses.keys()]).toEqual(['out'])
  expect([...step.metrics.keys()]).toEqual(['mean_absolute_error'])
  const scores = [step.loss, ...step.losses.values(), ...step.metrics.values()]
  expect([...outputs.keys()].sort()).toEqual([...scores, ...assigned].sort())
})

it('descends by the gradient', () => {
  const model = modelOf({
    model: { input: [1], layers: [{ type: 'dense', name: 'out', units: 1 }] },
    compile: { loss: 'mean_squared_error', optimizer: { type: 'sgd', learning_rate: 0.1 } },
  })
  // Predictions 3 and 7, errors 3 and 2.
  const { loss, assignments } = interpretStep(buildTrainStep(model.task, 2), {
    ...stepInputs(model),
    parameters: new Map([
      ['out/kernel', [2]],
      ['out/bias', [1]],
    ]),
    inputs: new Map([['input', [1, 3]]]),
    targets: new Map([['out', [0, 5]]]),
    rowWeights: new Map([['out', [1, 1]]]),
  })
  expectClose(loss ?? [], [6.5])
  expectClose(assignments.parameters.get('out/kernel') ?? [], [2 - 0.1 * (3 * 1 + 2 * 3)])
  expectClose(assignments.parameters.get('out/bias') ?? [], [1 - 0.1 * (3 + 2)])
})

it('says which of its inputs was not given', () => {
  const model = modelOf({
    model: { input: [1], layers: [{ type: 'dense', name: 'out', units: 1 }] },
    compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
  })
  const step = buildTrainStep(model.task, 2)
  expect(() => namedInputs(step, { parameters: new Map([['out/kernel', [2]]]) })).toThrow(
    'nothing is named out/bias',
  )
})

it('computes no gradient below the first layer that is trained', () => {
  const productsOf = (trainable: boolean): number => {
    const layer = { type: 'dense', units: 4, trainable }
    const model = modelOf({
      model: { input: [3], layers: [layer, layer, { type: 'dense', units: 2 }] },
      compile: { loss: 'mean_squared_error', optimizer: { type: 'sgd' } },
    })
    const { program } = buildTrainStep(model.task, model.batch)
    return optimize(program).values.filter(({ op }) => op === 'matmul').length
  }
  // Forward, to the weights, and to the input of all layers but the first.
  expect(productsOf(true)).toBe(3 + 3 + 2)
  expect(productsOf(false)).toBe(3 + 1)
})

it.each([{ clipnorm: 1 }, { global_clipnorm: 1 }, { clipvalue: 1 }])(
  'leaves a model alone whose layers are all frozen, with %j',
  (clipping) => {
    const model = modelOf({
      model: { input: [3], layers: [{ type: 'dense', units: 1, trainable: false }] },
      compile: { loss: 'mean_squared_error', optimizer: { type: 'sgd', ...clipping } },
    })
    const { assignments, losses } = buildTrainStep(model.task, model.batch)
    expect([assignments.parameters.size, losses.size]).toEqual([0, 1])
  },
)
