import { describe, expect, it } from 'vitest'

import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { randomUniform, stream } from '../../../src/random.ts'
import type { Task } from '../../../src/step/task.ts'
import { batchSize, expectNear, resultsOf, rows, stateOf, train } from '../conformance.ts'
import { rowsFor, sessionCases, taskOf } from '../session.cases.ts'

const engine = openCompiledEngine({ arithmetic: 'mul_add', threads: 1 })
const openParts = (task: Task, parts: number, on = engine) =>
  on.open({ ...task, parts }, initialWeights(task.graph, task.seed))

/** Without what differs in parts by its meaning. */
const alike = sessionCases.filter(
  ({ task: { graph } }) =>
    !graph.nodes.some(({ component }) => /batch_normalization|dropout|noise/.test(component.type)),
)

describe.each(alike)('$name', ({ task }) => {
  it.each([2, 3, 9])('is the same in %i parts but for rounding', async (parts) => {
    const encoded = rowsFor(task, rows)
    const [whole, cut] = [openParts(task, 1), openParts(task, parts)]
    expectNear(await resultsOf(cut, encoded), await resultsOf(whole, encoded), 1e-4)
    expectNear((await stateOf(cut)).optimizer.slots, (await stateOf(whole)).optimizer.slots, 1e-4)
    whole.dispose()
    cut.dispose()
  })
})

const large = taskOf(
  {
    input: [60],
    layers: [
      { type: 'dense', units: 130, activation: 'relu', kernel_regularizer: 'l2' },
      { type: 'dropout', rate: 0.3 },
      'batch_normalization',
      { type: 'dense', units: 10, activation: 'softmax' },
    ],
  },
  { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], optimizer: 'adam' },
)

/** Five batches, the last of 24 rows, in calls of some steps. */
async function trained(parts: number, calls: readonly number[], threads = 1) {
  const session = openParts(large, parts, openCompiledEngine({ arithmetic: 'mul_add', threads }))
  const encoded = rowsFor(large, 280)
  const order = Uint32Array.from({ length: encoded.rows }, (_, i) => (i * 11) % encoded.rows)
  let result = await train(session, encoded, 0, calls[0] ?? 5, { order, batchSize: 64 })
  for (let first = calls[0] ?? 5; first < 5; first++)
    result = await session.train(
      { encoded, order, epoch: 0, batchSize: 64, first, count: 1, factor: 1 },
      result.sums,
    )
  const weights = await session.weights()
  session.dispose()
  return { weights, sums: result.sums }
}

describe('steps in parts', () => {
  it('give the same bits on any number of threads, however their steps are cut into calls', async () => {
    const once = await trained(5, [5])
    expect(await trained(5, [1])).toEqual(once)
    expect(await trained(5, [3], 2)).toEqual(once)
    expect((await trained(4, [5])).weights).not.toEqual(once.weights)
  })

  it('normalize each part by its own rows, and weigh its statistics by them', async () => {
    const task = taskOf(
      {
        input: [1],
        layers: [
          { type: 'batch_normalization', momentum: 0.75 },
          { type: 'dense', units: 1 },
        ],
      },
      { loss: 'mean_squared_error', optimizer: 'sgd' },
    )
    const encoded = column(task, [1, 5, 9, 11, 4])
    const session = openParts(task, 2)
    await train(session, encoded, 0, 1, { order: Uint32Array.of(0, 1, 2, 3, 4), batchSize: 5 })
    const weights = await session.weights()
    const find = (name: string) => [...weights].find(([id]) => id.endsWith(name))?.[1][0]
    // Parts [1, 5, 9] and [11, 4]: means 5 and 7.5, variances 32/3 and 12.25.
    expect(find('moving_mean')).toBeCloseTo(0.25 * (0.6 * 5 + 0.4 * 7.5), 5)
    expect(find('moving_variance')).toBeCloseTo(0.75 + 0.25 * (0.6 * (32 / 3) + 0.4 * 12.25), 5)
  })

  it('draw random numbers by the number of the part', async () => {
    const task = taskOf(
      {
        input: [1],
        layers: [
          { type: 'dense', units: 8, kernel_initializer: 'ones' },
          { type: 'dropout', name: 'drop', rate: 0.5 },
        ],
      },
      { loss: 'mean_squared_error', optimizer: { type: 'sgd', learning_rate: 1e-30 } },
    )
    const encoded = { ...column(task, [1, 1, 1, 1]), targets: rowsFor(task, 4).targets }
    for (const { data } of encoded.targets) data.fill(0)
    const session = openParts(task, 2)
    for (let step = 0; step < 3; step++) {
      const { sums } = await train(session, encoded, 0, 1, { order: Uint32Array.of(0, 1, 2, 3), batchSize })
      const draws = [0, 1].flatMap((part) => [
        ...randomUniform(stream(task.seed, 'dropout/drop/'), step * 2 + part, 16),
      ])
      const kept = draws.filter((draw) => draw >= 0.5).length
      expect(sums.loss / sums.rows).toBeCloseTo((kept * 4) / 32, 5)
    }
  })
})

function column(task: Task, numbers: readonly number[]): EncodedRows {
  const encoded = rowsFor(task, numbers.length)
  return {
    ...encoded,
    inputs: encoded.inputs.map((input) => ({ ...input, data: Float32Array.from(numbers) })),
  }
}
