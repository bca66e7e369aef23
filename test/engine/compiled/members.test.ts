import * as fc from 'fast-check'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'

import { callbacks } from '../../../src/components/callbacks/index.ts'
import { inMemory } from '../../../src/data/rows/row-set.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { Members } from '../../../src/engine/compiled/members.ts'
import { SharedModules } from '../../../src/engine/compiled/shared-modules.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import type { Task } from '../../../src/step/task.ts'
import { StepDivergedError } from '../../../src/train/divergence.ts'
import { train } from '../../../src/train/loop.ts'
import { runs } from '../../runs.ts'
import { rowsFor, taskOf } from '../session.cases.ts'
import { SETTINGS } from '../../components/callbacks/settings.ts'

const THREADS = 2
const members = new Members(THREADS)
const together = openCompiledEngine({ arithmetic: 'auto', threads: 1, members })
const alone = openCompiledEngine({ arithmetic: 'auto', threads: 1 })

afterAll(() => members.dispose())

/** A training, as it is asked for: all of one shape train together. */
type Member = {
  readonly task: Task
  readonly epochs: number
  /** Epochs without improvement after which training ends. */
  readonly patience: number
  readonly rows?: number
}

async function trainOn(engine: Engine, { task, epochs, patience, rows = 37 }: Member) {
  const session = engine.open(task, initialWeights(task.graph, task.seed))
  const stopping = callbacks.ref().parse({ type: 'early_stopping', patience, restore_best_weights: true })
  try {
    const trained = await train(session, {
      task,
      train: inMemory(rowsFor(task, rows)),
      validation: inMemory(rowsFor(task, 11)),
      batchSize: 8,
      epochs,
      shuffle: true,
      rowWeights: () => undefined,
      listeners: [callbacks.of(stopping).listener(stopping, SETTINGS)],
      signal: new AbortController().signal,
    })
    const { seconds: _, ...result } = trained
    const { slots, state } = await session.optimizer()
    return { ...result, weights: await session.weights(), slots, state }
  } finally {
    session.dispose()
  }
}

/** Choices that all members share, and those in which each differs. */
const shape = fc.record({
  units: fc.constantFrom(3, 16, 33),
  normalization: fc.constantFrom([], ['batch_normalization'], ['layer_normalization']),
  optimizer: fc.constantFrom('sgd', 'adam', 'rmsprop', 'adamw', 'nadam', 'lion'),
  schedule: fc.constantFrom(undefined, 'exponential_decay', 'cosine_decay'),
  penalty: fc.boolean(),
})
const own = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 40 }),
  rate: fc.constantFrom<number>(0.001, 0.01, 0.1),
  dropout: fc.constantFrom<number>(0, 0.2, 0.5),
  decay: fc.constantFrom<number>(0.001, 0.1),
  epochs: fc.integer({ min: 1, max: 5 }),
  patience: fc.integer({ min: 1, max: 3 }),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never
type Own = typeof own extends fc.Arbitrary<infer T> ? T : never

function memberOf(
  { units, normalization, optimizer, schedule, penalty }: Shape,
  { seed, rate, dropout, decay, epochs, patience }: Own,
): Member {
  const steps = schedule === 'cosine_decay' ? { decay_steps: 20 } : { decay_steps: 5, decay_rate: 1 - decay }
  const learning_rate =
    schedule === undefined ? rate : { type: schedule, initial_learning_rate: rate, ...steps }
  const model = {
    input: [6],
    layers: [
      {
        type: 'dense',
        units,
        activation: 'relu',
        ...(penalty && { kernel_regularizer: { type: 'l2', l2: decay } }),
      },
      ...normalization,
      { type: 'dropout', rate: dropout },
      { type: 'dense', units: 3, activation: 'softmax' },
    ],
  }
  const compile = {
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
    optimizer: { type: optimizer, learning_rate, ...(optimizer === 'adamw' && { weight_decay: decay }) },
  }
  return { task: { ...taskOf(model, compile), seed }, epochs, patience }
}

test('every member has the bits of its own training, whatever differs between them', async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.array(own, { minLength: 2, maxLength: 5 }), async (same, differing) => {
      const group = differing.map((one) => memberOf(same, one))
      const results = await Promise.all(group.map((member) => trainOn(together, member)))
      for (const [i, member] of group.entries()) expect(results[i]).toEqual(await trainOn(alone, member))
    }),
    { numRuns: runs(4), seed: 16 },
  )
})

const wide: Shape = {
  units: 33,
  normalization: ['batch_normalization'],
  optimizer: 'adam',
  schedule: undefined,
  penalty: false,
}
const first: Own = { seed: 1, rate: 0.01, dropout: 0.2, decay: 0.1, epochs: 4, patience: 9 }

test('calls of much work, on threads of all members, give the same bits', async () => {
  const large = (seed: number): Member => {
    const task = taskOf(
      {
        input: [64],
        layers: [
          { type: 'dense', units: 160, activation: 'relu' },
          { type: 'dropout', rate: 0.2 },
          { type: 'dense', units: 96, activation: 'tanh' },
          { type: 'dense', units: 10, activation: 'softmax' },
        ],
      },
      { loss: 'sparse_categorical_crossentropy', optimizer: 'adam' },
    )
    return { task: { ...task, seed }, epochs: 2, patience: 9, rows: 800 }
  }
  const group = [1, 2, 3, 4, 5].map(large)
  const results = await Promise.all(group.map((member) => trainOn(together, member)))
  for (const [i, member] of group.entries()) expect(results[i]).toEqual(await trainOn(alone, member))
})

test('a member that diverges does not touch the others', async () => {
  const plain: Shape = { ...wide, normalization: [], optimizer: 'sgd' }
  const group = [1, 2, 3].map((seed) => memberOf(plain, { ...first, seed }))
  const diverging = [1e30, 1e38].map((rate) => memberOf(plain, { ...first, rate }))
  const results = await Promise.allSettled([...group, ...diverging].map((one) => trainOn(together, one)))
  for (const [i, member] of group.entries())
    expect(results[i]).toEqual({ status: 'fulfilled', value: await trainOn(alone, member) })
  for (const result of results.slice(group.length))
    expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StepDivergedError) })
})

test('members share their modules, where rates and seeds differ too', () => {
  const own = new Members(THREADS)
  const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1, members: own })
  const compiling = vi.spyOn(SharedModules.prototype, 'get')
  // Constants of equal values are one: these are no others' of the step.
  const members = [
    { ...first, rate: 0.013 },
    { ...first, rate: 0.013, seed: 2 },
    { ...first, rate: 0.017 },
    { ...first, rate: 0.019, dropout: 0.4 },
    { ...first, rate: 0.023, dropout: 0.3, seed: 9 },
  ].map((one) => memberOf(wide, one))
  const encoded = rowsFor(members[0]?.task ?? taskOf({}, {}), 16)
  return Promise.all(
    members.map(async ({ task }) => {
      const session = engine.open(task, initialWeights(task.graph, 1))
      const order = Uint32Array.from({ length: 16 }, (_, i) => i)
      await session.train({ encoded, order, epoch: 0, batchSize: 16, first: 0, count: 1, factor: 1 })
      session.dispose()
    }),
  ).then(() => {
    const compiled = compiling.mock.results.map(({ value }): unknown => value)
    compiling.mockRestore()
    expect(compiled.map((one) => compiled.indexOf(one))).toEqual([0, 0, 0, 3, 3])
    own.dispose()
  })
})

test('members of another group find the modules of the first', async () => {
  const made = vi.spyOn(WebAssembly, 'Module')
  onTestFinished(() => made.mockRestore())
  const modulesOf = async (seed: number): Promise<number> => {
    const own = new Members(THREADS)
    const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1, members: own })
    // What the processor can do is asked with a module, too.
    made.mockClear()
    await trainOn(engine, { ...memberOf({ ...wide, units: 3 }, { ...first, seed }), rows: 29 })
    own.dispose()
    return made.mock.calls.length
  }
  expect(await modulesOf(5)).toBeGreaterThan(0)
  expect(await modulesOf(6)).toBe(0)
})
