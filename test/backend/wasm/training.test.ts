import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Arithmetic } from '../../../src/backend/plan/arithmetic.ts'
import type { CompileOptions } from '../../../src/backend/wasm/module.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import { compileSection } from '../../../src/spec/schema/compile.ts'
import { modelSection } from '../../../src/spec/schema/model.ts'
import { outputTasks } from '../../../src/step/task.ts'
import { namedInputs } from '../../../src/step/step-program.ts'
import type { StepProgram } from '../../../src/step/step-program.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { expectClose } from '../../golden/golden.ts'
import { runs } from '../../runs.ts'
import { randomModel, stepInputs } from '../../step/random-model.ts'
import { execute, Execution, hasRelaxedSimd } from './execute.ts'

type Inputs = ReadonlyMap<string, ArrayLike<number>>
type Step = { readonly step: StepProgram; readonly program: Program; readonly inputs: Inputs }

/** The optimised training step of a model at a batch size, with numbers for its inputs. */
function stepOf(model: unknown, compile: unknown, batch: number): Step {
  const { graph } = buildGraph(modelSection().parse(model))
  if (graph === undefined) throw new Error('the model has no graph')
  const section = compileSection().parse(compile)
  const task = { graph, outputs: outputTasks(graph, section), optimizer: section.optimizer, seed: 0 }
  const step = buildTrainStep(task, batch)
  return {
    step,
    program: optimize(step.program),
    inputs: namedInputs(step, stepInputs({ yaml: '', task, batch })),
  }
}

const softmax = { type: 'dense', units: 10, activation: 'softmax' }

const MODELS: Record<string, () => Step> = {
  'dense with dropout and adam': () =>
    stepOf(
      {
        input: [20],
        layers: [{ type: 'dense', units: 18, activation: 'relu' }, { type: 'dropout', rate: 0.3 }, softmax],
      },
      { loss: 'categorical_crossentropy', optimizer: 'adam', metrics: ['accuracy'] },
      14,
    ),
  'batch normalization with sgd': () =>
    stepOf(
      {
        input: [12],
        layers: [
          { type: 'dense', units: 9, activation: 'tanh', kernel_regularizer: 'l2' },
          'batch_normalization',
          { type: 'dense', units: 1, activation: 'sigmoid' },
        ],
      },
      {
        loss: 'binary_crossentropy',
        optimizer: { type: 'sgd', learning_rate: 0.05, momentum: 0.9, clipnorm: 1 },
        metrics: ['accuracy'],
      },
      11,
    ),
  'convolution with rmsprop': () =>
    stepOf(
      {
        input: [9, 9, 2],
        layers: [
          { type: 'conv2d', filters: 6, kernel_size: 3, activation: 'relu' },
          'max_pooling2d',
          'flatten',
          softmax,
        ],
      },
      { loss: 'categorical_crossentropy', optimizer: 'rmsprop', metrics: ['accuracy'] },
      5,
    ),
}

const PINNED: Record<string, Record<Arithmetic, string>> = {
  'dense with dropout and adam': {
    mul_add: '672d6ae1bbc8aa6e64c94a1ab733cf62e9edb7eca98d424277b075b096bad2a8',
    fma: '8698acf8804be00e8b20e2e25e40bc031f5665365d97603ec62057a1dd246777',
  },
  'batch normalization with sgd': {
    mul_add: '81e878224a7514b097694ba2771030328997af31079d759671abb0e6f9b0cc13',
    fma: 'fa4b4e9c0c53b995d248b25259eac2e2935cf4d28ff33d263540adfca914588f',
  },
  'convolution with rmsprop': {
    mul_add: '860d5196de49d8f526975c1cb9bb0fcae6eb0940043f3674617c553150c4432a',
    fma: '4d3e4231bd27382bc2522c24ae5f7cf50aa2144a204944b8928774fec5dac692',
  },
}

function isSign(value: Value): boolean {
  return value.op === 'unary' && value.function === 'sign'
}

/** Inputs for the next step: the state that a step has left, and counters one further. */
function next({ iterations, counter }: StepProgram, before: Inputs, after: Inputs): Inputs {
  const count = (before.get(iterations ?? '')?.[0] ?? 0) + 1
  return new Map(
    [...before].map(([name, value]): [string, ArrayLike<number>] => [
      name,
      name === iterations || name === counter ? [count] : (after.get(name) ?? value),
    ]),
  )
}

/** The state that a program keeps from step to step, and its loss. */
function outcome(program: Program, execution: Execution): string {
  const hash = createHash('sha256')
  for (const name of [...program.outputs.keys()].sort()) hash.update(execution.read(name))
  return hash.digest('hex')
}

function start({ program, inputs }: Step, options: Partial<CompileOptions> = {}): Execution {
  const execution = new Execution(program, options)
  for (const [name, numbers] of inputs) execution.write(name, numbers)
  return execution
}

test('one step of random models agrees with the interpreter', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const step = buildTrainStep(model.task, model.batch)
      const program = optimize(step.program)
      // A gradient that is 0 but for rounding, which an optimizer takes the sign of or divides by its size.
      fc.pre(!model.yaml.includes('cosine_similarity') && !program.values.some(isSign))
      const inputs = namedInputs(step, stepInputs(model))
      const expected = interpret(program, inputs)
      // Numbers that f32 does not hold, or holds with errors larger than themselves.
      fc.pre([...expected.values()].every((value) => value.every((x) => Math.abs(x) < 1e6)))
      const found = execute(program, inputs)
      for (const [name, value] of expected) {
        expectClose(found.get(name) ?? [], [...value], { relative: 2e-3, absolute: 2e-4 })
      }
    }),
    { numRuns: runs(20) },
  )
})

describe.each(Object.entries(MODELS))('%s', (name, build) => {
  const built = build()

  test('20 steps agree with the interpreter', () => {
    const { step, program } = built
    const [counter = '', iterations = '', loss = ''] = [step.counter, step.iterations, step.loss]
    const metrics = new Set(step.metrics.values())
    const execution = start(built)
    let { inputs } = built
    for (let i = 0; i < 20; i++) {
      for (const name of [iterations, counter]) execution.write(name, inputs.get(name) ?? [])
      execution.run()
      const expected = interpret(program, inputs)
      expect(execution.read(loss)[0]).toBeCloseTo(expected.get(loss)?.[0] ?? NaN, 4)
      inputs = next(step, inputs, expected)
      if (i < 19) continue
      for (const [name, value] of expected) {
        if (metrics.has(name)) continue
        expectClose(execution.read(name), [...value], { relative: 5e-3, absolute: 5e-4 })
      }
    }
  })

  test('every number of threads gives the same bits', async () => {
    const found = new Set<string>()
    for (const threads of [1, 2, 3, 4]) {
      // Every kernel is shared, small as these are.
      const execution = start(built, { threads, tiny: 0 })
      await execution.runOnThreads(threads, 5)
      found.add(outcome(built.program, execution))
    }
    expect(found.size).toBe(1)
  })

  test.each(hasRelaxedSimd ? (['mul_add', 'fma'] as const) : (['mul_add'] as const))(
    'the bits of %s are pinned',
    (arithmetic) => {
      const execution = start(built, { arithmetic })
      for (let i = 0; i < 5; i++) execution.run()
      expect(outcome(built.program, execution)).toBe(PINNED[name]?.[arithmetic])
    },
  )
})
