import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Task } from '../../../src/compiler/task.ts'
import type { Dataset } from '../../../src/data/dataset.ts'
import { emptyTotals } from '../../../src/engine/engine.ts'
import type { Session, Totals } from '../../../src/engine/engine.ts'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import { TfjsSession } from '../../../src/engine/tfjs/session.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { describeBackends, loadFixed, loadTimeout } from './backends.ts'
import { datasetFor, sessionCases, taskOf } from './session.cases.ts'

const rows = 11
const batchSize = 4
const order = Uint32Array.from({ length: rows }, (_, i) => (i * 7) % rows)

/** Steps of three batches an epoch, the last one of three rows. */
async function train(
  session: Session,
  dataset: Dataset,
  first: number,
  count: number,
  weights?: Float32Array,
) {
  const totals = emptyTotals()
  await session.train(
    { dataset, order, batchSize, first, count, factor: 1, ...(weights && { weights }) },
    totals,
  )
  return totals
}

async function stateOf(session: Session) {
  return { weights: await session.weights(), optimizer: await session.optimizer() }
}

function expectNear(actual: Iterable<readonly [string, ArrayLike<number>]>, expected: typeof actual) {
  const others = new Map(expected)
  for (const [key, values] of actual) {
    const wanted = others.get(key) ?? []
    expect(values.length, key).toBe(wanted.length)
    for (let i = 0; i < values.length; i++) {
      const [x = NaN, y = NaN] = [values[i], wanted[i]]
      if (!(Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(y))))
        throw new Error(`${key}[${i}] is ${x}, not ${y}`)
    }
  }
}

function numbersOf({ losses, metrics }: Totals): [string, ArrayLike<number>][] {
  return [...[...losses].map(([key, loss]): [string, number[]] => [key, [loss]]), ...metrics]
}

const regression = taskOf(
  { input: [2], layers: [{ type: 'dense', name: 'only', units: 1, use_bias: false }] },
  {
    loss: 'mean_squared_error',
    metrics: ['mean_absolute_error'],
    optimizer: { type: 'sgd', learning_rate: 0.1 },
  },
)

/** What the first backend makes of each case, for the others to agree with. */
const firstResults = new Map<string, [string, ArrayLike<number>][]>()

describeBackends((backend) => {
  let tf: Tf
  beforeAll(async () => {
    tf = await loadFixed(backend)
  }, loadTimeout)

  const open = (task: Task) => new TfjsSession(tf, task, initialWeights(task.graph, task.seed))

  describe.each(sessionCases)('$name', ({ name, task }) => {
    const dataset = datasetFor(task, rows)

    test('gives the same numbers as on the other backends', async () => {
      const session = open(task)
      const trained = await train(session, dataset, 0, 3)
      const evaluated = await session.evaluate(dataset, 5)
      const numbers = [
        ...numbersOf(trained),
        ...numbersOf(evaluated).map(([key, values]): [string, typeof values] => [`val_${key}`, values]),
        ...(await session.weights()),
        ...[...(await session.predict(dataset, 5))].map(
          ([key, values]) => [`output:${key}`, values] as const,
        ),
      ].map(([key, values]): [string, ArrayLike<number>] => [key, values])
      session.dispose()
      expect(trained).toMatchObject({ rows, steps: 3 })
      expectNear(numbers, firstResults.get(name) ?? numbers)
      firstResults.set(name, firstResults.get(name) ?? numbers)
    })

    test('keeps no tensor but its weights and the state of its optimizer', async () => {
      const before = tf.memory().numTensors
      const session = open(task)
      const opened = tf.memory().numTensors
      for (let epoch = 0; epoch < 3; epoch++) {
        await train(session, dataset, 0, 3)
        await session.evaluate(dataset, batchSize)
        await session.predict(dataset, batchSize)
        const { weights, optimizer } = await stateOf(session)
        session.setWeights(weights)
        session.setOptimizer(optimizer)
        expect(tf.memory().numTensors).toBe(opened)
      }
      session.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })

    test('resumed from its state, it continues to the same bits', async () => {
      const whole = open(task)
      await train(whole, dataset, 0, 3)
      await train(whole, dataset, 0, 3)
      const begun = open(task)
      await train(begun, dataset, 0, 2)
      const { weights, optimizer } = await stateOf(begun)
      const resumed = new TfjsSession(tf, task, weights)
      resumed.setOptimizer(optimizer)
      expect(await stateOf(resumed)).toEqual({ weights, optimizer })
      await train(resumed, dataset, 2, 1)
      await train(resumed, dataset, 0, 3)
      expect(await stateOf(resumed)).toEqual(await stateOf(whole))
      for (const session of [whole, begun, resumed]) session.dispose()
    })

    test('evaluates and predicts the same in batches of any size, and changes nothing by it', async () => {
      const session = open(task)
      const before = await stateOf(session)
      expectNear(await session.predict(dataset, 3), await session.predict(dataset, rows))
      expectNear(
        (await session.evaluate(dataset, 3)).metrics,
        (await session.evaluate(dataset, rows)).metrics,
      )
      expect(await stateOf(session)).toEqual(before)
      session.dispose()
    })
  })

  test('descends the gradient of the mean over the rows, each times its weight', async () => {
    const dataset = datasetFor(regression, 3)
    const [{ data: x } = { data: [] }] = dataset.inputs
    const [{ data: y } = { data: [] }] = dataset.targets
    const session = new TfjsSession(tf, regression, new Map([['only/kernel', Float32Array.of(0.5, -0.25)]]))
    const weights = Float32Array.of(2, 0, 0.5)
    const totals = emptyTotals()
    const all = {
      dataset,
      order: Uint32Array.of(0, 1, 2),
      batchSize: 3,
      first: 0,
      count: 1,
      factor: 0.5,
      weights,
    }
    await session.train(all, totals)
    const at = (list: ArrayLike<number>, i: number) => list[i] ?? NaN
    const errors = [0, 1, 2].map((i) => 0.5 * at(x, 2 * i) - 0.25 * at(x, 2 * i + 1) - at(y, i))
    const loss = errors.reduce((sum, error, i) => sum + at(weights, i) * error * error, 0) / 3
    const slopes = [0, 1].map((k) =>
      errors.reduce((sum, error, i) => sum + (2 / 3) * at(weights, i) * error * at(x, 2 * i + k), 0),
    )
    expect(totals.losses.get('loss')).toBeCloseTo(3 * loss, 5)
    // Metrics are not weighted.
    expect(totals.metrics.get('mean_absolute_error')?.[0]).toBeCloseTo(
      errors.reduce((sum, error) => sum + Math.abs(error), 0),
      5,
    )
    const kernel = (await session.weights()).get('only/kernel')
    expect(kernel?.[0]).toBeCloseTo(0.5 - 0.05 * at(slopes, 0), 6)
    expect(kernel?.[1]).toBeCloseTo(-0.25 - 0.05 * at(slopes, 1), 6)
    session.dispose()
  })

  test('leaves frozen layers alone and averages the weights of the others', async () => {
    const task = sessionCases.find(({ name }) => name.includes('frozen'))!.task
    const session = open(task)
    const before = await session.weights()
    await train(session, datasetFor(task, rows), 0, 1)
    const after = await session.weights()
    expect(after.get('frozen/kernel')).toEqual(before.get('frozen/kernel'))
    expect(after.get('free/kernel')).not.toEqual(before.get('free/kernel'))
    const { slots } = await session.optimizer()
    expect([...slots.keys()].filter((key) => key.startsWith('frozen'))).toEqual([])
    expect(slots.get('free/kernel/average')).toEqual(after.get('free/kernel'))
    session.dispose()
  })

  test('stops before the update of a step whose loss is no number', async () => {
    const dataset = datasetFor(regression, rows)
    dataset.inputs[0]!.data[2 * order[5]!] = Infinity
    const session = open(regression)
    await train(session, dataset, 0, 1)
    const before = await stateOf(session)
    const totals = await train(session, dataset, 1, 2)
    expect(totals).toMatchObject({ divergedAt: 1, steps: 1 })
    expect(await stateOf(session)).toEqual(before)
    session.dispose()
  })

  test('does not change with the arrays that it was given', async () => {
    const weights = new Map([['only/kernel', Float32Array.of(1, 2)]])
    const session = new TfjsSession(tf, regression, weights)
    weights.get('only/kernel')?.fill(7)
    expect((await session.weights()).get('only/kernel')).toEqual(Float32Array.of(1, 2))
    session.dispose()
  })

  test('waits for the backend once a step', async () => {
    const session = open(regression)
    const reads = vi.spyOn(tf.engine(), 'readSync')
    await train(session, datasetFor(regression, rows), 0, 3)
    expect(reads).toHaveBeenCalledTimes(3)
    reads.mockRestore()
    session.dispose()
  })
})
