import type { Tensor } from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { averagedWeights, buildUpdate, slotsOf, stateOf } from '../../../src/step/update.ts'
import { constraints } from '../../../src/components/constraints/index.ts'
import { optimizers } from '../../../src/components/optimizers/index.ts'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import { execute } from '../../../src/engine/tfjs/executor.ts'
import type { Parameter } from '../../../src/model/graph.ts'
import {
  defaultsSchema,
  expectClose,
  expectKerasDefaults,
  readGolden,
  tensorSchema,
} from '../../golden/golden.ts'

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
type Arrays = Map<string, readonly number[] | Float64Array | Float32Array>

const cases = golden.cases.map(
  (example) =>
    [`${example.type} ${JSON.stringify({ ...example.options, ...example.constraint })}`, example] as const,
)
const { tf } = await loadBackend({ backend: 'cpu' })

it('has golden trajectories for every member', () => {
  const types = optimizers.members.map(({ type }) => type).sort()
  expect(Object.keys(golden.defaults).sort()).toEqual(types)
  expect([...new Set(golden.cases.map(({ type }) => type))].sort()).toEqual(types)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(optimizers, type, defaults)
})

/** The state after each step, as the inputs of the next: parameters, slots, state. */
function run({ type, options, constraint }: Case, update: (inputs: Arrays) => Arrays): Arrays[] {
  const config = optimizers.ref().parse({ type, ...options })
  const parameters = parametersOf(constraint)
  let state: Arrays = new Map<string, readonly number[]>([
    ...parameters.map(({ id }) => [`parameter:${id}`, golden.start[id]?.data ?? []] as const),
    ...parameters.flatMap(({ id }) =>
      slotsOf(config).map(
        ({ name, initial }) =>
          [`slot:${id}/${name}`, (golden.start[id]?.data ?? []).map(() => initial)] as const,
      ),
    ),
    ...stateOf(config).map(({ name, initial }) => [`state:${name}`, [initial]] as const),
  ])
  return golden.gradients.map((gradients, step) => {
    const given = Object.entries(gradients).map(([id, gradient]) => [`gradient:${id}`, gradient] as const)
    const results = update(new Map([...state, ...given, ['iterations', [step]], ['factor', [1]]]))
    state = new Map([...state.keys()].map((name) => [name, results.get(name) ?? []]))
    return state
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
  const program = buildUpdate(config, parametersOf(example.constraint))

  const expectTrajectory = (states: Arrays[]): void => {
    for (const [step, parameters] of example.trajectory.entries()) {
      for (const [id, values] of Object.entries(parameters)) {
        expectClose(states[step]?.get(`parameter:${id}`) ?? [], values, { relative: 2e-5, absolute: 1e-6 })
      }
    }
  }

  it("takes Keras's steps, and ends as Keras does", () => {
    const states = run(example, (inputs) => interpret(program, inputs))
    expectTrajectory(states)
    const last = states.at(-1) ?? new Map<string, number[]>()
    const slots = new Map(
      [...last].map(([name, values]) => [name.replace(/^slot:/, ''), Float32Array.from(values)]),
    )
    for (const [id, values] of Object.entries(example.end)) {
      const ours = averagedWeights(config, slots)?.get(id) ?? last.get(`parameter:${id}`)
      expectClose(ours ?? [], values, { relative: 2e-5, absolute: 1e-6 })
    }
  })

  it('takes the same steps in TensorFlow.js', () => {
    const shapes = new Map([...program.inputs].map(([name, { shape }]) => [name, [...shape]]))
    const states = run(example, (inputs) => {
      const tensors = [...inputs].map(([name, data]): [string, Tensor] => [
        name,
        tf.tensor(Array.from(data), shapes.get(name)),
      ])
      const results = execute(tf, program, new Map(tensors), 0)
      return new Map([...results].map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())]))
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
