import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { fixedRate } from '../../../src/step/learning-rate.ts'
import { namedInputs, stepOutputs } from '../../../src/step/step-program.ts'
import type { KeptState, StepInputs } from '../../../src/step/step-program.ts'
import { averagedWeights, buildUpdate, slotKey, slotsOf, stateOf } from '../../../src/step/update.ts'
import { constraints } from '../../../src/components/constraints/index.ts'
import { optimizers } from '../../../src/components/optimizers/index.ts'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import { execute } from '../../../src/engine/tfjs/executor.ts'
import type { Parameter } from '../../../src/model/graph.ts'
import {
  defaultsSchema,
  expectClose,
  expectGoldenMembers,
  expectKerasDefaults,
  readGolden,
  tensorSchema,
} from '../../golden/golden.ts'
import { interpretStep } from '../../step/interpret-step.ts'

const weights = z.record(z.string(), z.array(z.number()))
const component = z.object({ type: z.string() }).loose()

const golden = readGolden(
  'optimizers',
  z.object({
    defaults: defaultsSchema,
    start: z.record(z.string(), tensorSchema),
    /** Of each of 20 steps, by parameter. */
    gradients: z.array(weights),
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        /** Of the kernel. */
        constraint: component.nullable(),
        /** The parameters after each step. */
        trajectory: z.array(weights),
        /** The parameters after training. */
        end: weights,
      }),
    ),
  }),
)
type Case = (typeof golden.cases)[number]
type Numbers = ArrayLike<number>
type Inputs = Partial<StepInputs<Numbers>>

const cases = golden.cases.map(
  (example) =>
    [`${example.type} ${JSON.stringify({ ...example.options, ...example.constraint })}`, example] as const,
)
const { tf } = await loadBackend({ backend: 'cpu' })

it('has golden trajectories for every member', () => {
  expectGoldenMembers(optimizers, golden.cases, golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(optimizers, type, defaults)
})

/** What an optimizer keeps after each step. */
function run({ type, options }: Case, update: (inputs: Inputs) => KeptState<Numbers>): KeptState<Numbers>[] {
  const config = optimizers.ref().parse({ type, ...options })
  const start = Object.entries(golden.start)
  let kept: KeptState<Numbers> = {
    parameters: new Map(start.map(([id, { data }]) => [id, data])),
    slots: new Map(
      start.flatMap(([id, { data }]) =>
        slotsOf(config).map(({ name, initial }) => [slotKey(id, name), data.map(() => initial)] as const),
      ),
    ),
    state: new Map(stateOf(config).map(({ name, initial }) => [name, [initial]])),
  }
  return golden.gradients.map((gradients, step) => {
    kept = update({
      ...kept,
      gradients: new Map(Object.entries(gradients)),
      iterations: [step],
      learningRate: [fixedRate(config) ?? 0],
      factor: [1],
    })
    return kept
  })
}

function parametersOf(constraint: Case['constraint']): Parameter[] {
  return Object.entries(golden.start).map(([id, { shape }]) => ({
    id,
    layer: '',
    name: id,
    shape,
    trainable: true,
    initializer: { type: 'zeros' },
    parts: [],
    regularizer: null,
    constraint: id === 'kernel' && constraint !== null ? constraints.ref().parse(constraint) : null,
  }))
}

describe.each(cases)('%s', (_name, example) => {
  const config = optimizers.ref().parse({ type: example.type, ...example.options })
  const step = buildUpdate(config, parametersOf(example.constraint))

  const expectTrajectory = (states: KeptState<Numbers>[]): void => {
    for (const [i, parameters] of example.trajectory.entries()) {
      for (const [id, values] of Object.entries(parameters)) {
        expectClose(states[i]?.parameters.get(id) ?? [], values, { relative: 2e-5, absolute: 1e-6 })
      }
    }
  }

  it("takes Keras's steps, and ends as Keras does", () => {
    const states = run(example, (inputs) => interpretStep(step, inputs).assignments)
    expectTrajectory(states)
    const { parameters = new Map<string, Numbers>(), slots = new Map<string, Numbers>() } =
      states.at(-1) ?? {}
    const last = new Map([...slots].map(([key, values]) => [key, Float32Array.from(values)]))
    const averages = averagedWeights(config, parameters.keys(), last)
    for (const [id, values] of Object.entries(example.end)) {
      const ours = averages?.get(id) ?? parameters.get(id)
      expectClose(ours ?? [], values, { relative: 2e-5, absolute: 1e-6 })
    }
  })

  it('takes the same steps in TensorFlow.js', () => {
    const { program } = step
    const states = run(example, (inputs) => {
      const tensors = [...namedInputs(step, inputs)].map(([name, data]): [string, Tensor] => [
        name,
        tf.tensor(Array.from(data), [...(program.inputs.get(name)?.shape ?? [])]),
      ])
      const results = execute(tf, program, new Map(tensors), 0)
      const numbers = new Map(
        [...results].map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]),
      )
      return stepOutputs(step, numbers).assignments
    })
    expectTrajectory(states)
  })
})

it('clips gradients in one way only', () => {
  const found = optimizers.ref().safeParse({ type: 'sgd', clipnorm: 1, clipvalue: 1 })
  expect(found.error?.issues).toMatchObject([
    { path: ['clipvalue'], message: 'the gradients are already clipped by clipnorm' },
  ])
})
