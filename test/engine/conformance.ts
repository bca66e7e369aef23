import { describe, expect, test } from 'vitest'
import { augmentImages } from '../../src/step/augment.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Task } from '../../src/step/task.ts'
import { augmentations } from '../../src/components/augmentations/index.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import type { MetricSums, Session, TrainedSteps, TrainSteps } from '../../src/engine/engine.ts'
import { initialWeights } from '../../src/model/weights.ts'
import type { Weights } from '../../src/model/weights.ts'
import { rowsFor, sessionCases, taskOf } from './session.cases.ts'
import type { SessionCase } from './session.cases.ts'

export const rows = 11
export const batchSize = 4
export const order = Uint32Array.from({ length: rows }, (_, i) => (i * 7) % rows)

/** Numbers by what they are. */
export type Results = ReadonlyMap<string, ArrayLike<number>>

/** Steps of three batches an epoch, the last one of three rows. */
export async function train(
  session: Session,
  encoded: EncodedRows,
  first: number,
  count: number,
  more: Partial<TrainSteps> = {},
): Promise<TrainedSteps> {
  return session.train({ encoded, order, epoch: 0, batchSize, first, count, factor: 1, ...more })
}

export async function stateOf(session: Session) {
  return { weights: await session.weights(), optimizer: await session.optimizer() }
}

export function expectNear(actual: Results, expected: Results, tolerance = 1e-5): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort())
  for (const [key, values] of actual) {
    const wanted = expected.get(key) ?? []
    expect(values.length, key).toBe(wanted.length)
    for (let i = 0; i < values.length; i++) {
      const [x = NaN, y = NaN] = [values[i], wanted[i]]
      if (!(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y))))
        throw new Error(`${key}[${i}] is ${x}, not ${y}`)
    }
  }
}

function numbersOf({ loss, losses, metrics }: MetricSums): [string, ArrayLike<number>][] {
  const ofOutputs = [...losses].map(([output, value]): [string, number[]] => [`loss of ${output}`, [value]])
  return [['loss', [loss]], ...ofOutputs, ...metrics]
}

/** All that an epoch, an evaluation and a prediction yield. */
export async function resultsOf(session: Session, encoded: EncodedRows): Promise<Results> {
  const { sums: trained } = await train(session, encoded, 0, 3)
  expect(trained).toMatchObject({ rows, steps: 3 })
  const evaluated = await session.evaluate(encoded, 5)
  return new Map<string, ArrayLike<number>>([
    ...numbersOf(trained),
    ...numbersOf(evaluated).map(([key, values]) => [`val_${key}`, values] as const),
    ...(await session.weights()),
    ...[...(await session.predict(encoded, 5))].map(([key, values]) => [`output:${key}`, values] as const),
  ])
}

export const regression = taskOf(
  { input: [2], layers: [{ type: 'dense', name: 'only', units: 1, use_bias: false }] },
  {
    loss: 'mean_squared_error',
    metrics: ['mean_absolute_error'],
    optimizer: { type: 'sgd', learning_rate: 0.1 },
  },
)

const images = taskOf(
  {
    input: [6, 7, 2],
    layers: [
      { type: 'conv2d', filters: 3, kernel_size: 3, activation: 'relu' },
      'flatten',
      { type: 'dense', units: 3, activation: 'softmax' },
    ],
  },
  { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], optimizer: 'adam' },
)

/** What every session does, whatever executes it. */
export function checkSessions(
  openWith: (task: Task, weights: Weights) => Session,
  cases: readonly SessionCase[] = sessionCases,
): void {
  const open = (task: Task): Session => openWith(task, initialWeights(task.graph, task.seed))

  describe.each(cases)('$name', ({ task }) => {
    const encoded = rowsFor(task, rows)
    test('resumed from its state, it continues to the same bits', async () => {
      const whole = open(task)
      await train(whole, encoded, 0, 3)
      await train(whole, encoded, 0, 3)
      const begun = open(task)
      await train(begun, encoded, 0, 2)
      const { weights, optimizer } = await stateOf(begun)
      const resumed = openWith(task, weights)
      resumed.setOptimizer(optimizer)
      expect(await stateOf(resumed)).toEqual({ weights, optimizer })
      await train(resumed, encoded, 2, 1)
      await train(resumed, encoded, 0, 3)
      expect(await stateOf(resumed)).toEqual(await stateOf(whole))
      for (const session of [whole, begun, resumed]) session.dispose()
    })

    test('evaluates and predicts the same in batches of any size, and changes nothing by it', async () => {
      const session = open(task)
      const before = await stateOf(session)
      expectNear(await session.predict(encoded, 3), await session.predict(encoded, rows))
      expectNear(
        (await session.evaluate(encoded, 3)).metrics,
        (await session.evaluate(encoded, rows)).metrics,
      )
      expect(await stateOf(session)).toEqual(before)
      session.dispose()
    })
  })

  test('descends the gradient of the mean over the rows, each times its weight', async () => {
    const encoded = rowsFor(regression, 3)
    const [{ data: x } = { data: [] }] = encoded.inputs
    const [{ data: y } = { data: [] }] = encoded.targets
    const session = openWith(regression, new Map([['only/kernel', Float32Array.of(0.5, -0.25)]]))
    const weights = Float32Array.of(2, 0, 0.5)
    const all = {
      encoded,
      order: Uint32Array.of(0, 1, 2),
      epoch: 0,
      batchSize: 3,
      first: 0,
      count: 1,
      factor: 0.5,
      rowWeights: weights,
    }
    const { sums } = await session.train(all)
    const at = (list: ArrayLike<number>, i: number) => list[i] ?? NaN
    const errors = [0, 1, 2].map((i) => 0.5 * at(x, 2 * i) - 0.25 * at(x, 2 * i + 1) - at(y, i))
    const loss = errors.reduce((sum, error, i) => sum + at(weights, i) * error * error, 0) / 3
    const slopes = [0, 1].map((k) =>
      errors.reduce((sum, error, i) => sum + (2 / 3) * at(weights, i) * error * at(x, 2 * i + k), 0),
    )
    expect(sums.loss).toBeCloseTo(3 * loss, 5)
    expect(sums.losses.get('only')).toBeCloseTo(3 * loss, 5)
    // Metrics are not weighted.
    expect(sums.metrics.get('mean_absolute_error')?.[0]).toBeCloseTo(
      errors.reduce((sum, error) => sum + Math.abs(error), 0),
      5,
    )
    const kernel = (await session.weights()).get('only/kernel')
    expect(kernel?.[0]).toBeCloseTo(0.5 - 0.05 * at(slopes, 0), 6)
    expect(kernel?.[1]).toBeCloseTo(-0.25 - 0.05 * at(slopes, 1), 6)
    session.dispose()
  })

  test('evaluates the mean over the rows of each batch, each times its sample weight', async () => {
    const encoded = rowsFor(regression, 3)
    const [{ data: x } = { data: [] }] = encoded.inputs
    const [{ data: y } = { data: [] }] = encoded.targets
    const session = openWith(regression, new Map([['only/kernel', Float32Array.of(0.5, -0.25)]]))
    const weights = [2, 0, 0.5]
    const errors = weights.map(
      (_, i) => 0.5 * (x[2 * i] ?? NaN) - 0.25 * (x[2 * i + 1] ?? NaN) - (y[i] ?? NaN),
    )
    const loss = (of: readonly number[]) =>
      errors.reduce((sum, error, i) => sum + (of[i] ?? NaN) * error * error, 0)
    const weighted = await session.evaluate({ ...encoded, sampleWeight: Float32Array.from(weights) }, 2)
    expect(weighted.loss).toBeCloseTo(loss(weights), 5)
    expect(weighted.losses.get('only')).toBeCloseTo(loss(weights), 5)
    const absolute = errors.reduce((sum, error) => sum + Math.abs(error), 0)
    expect(weighted.metrics.get('mean_absolute_error')?.[0]).toBeCloseTo(absolute, 5)
    expect((await session.evaluate(encoded, 2)).loss).toBeCloseTo(loss([1, 1, 1]), 5)
    session.dispose()
  })

  test('leaves frozen layers alone and averages the weights of the others', async () => {
    const task = sessionCases.find(({ name }) => name.includes('frozen'))!.task
    const session = open(task)
    const before = await session.weights()
    await train(session, rowsFor(task, rows), 0, 1)
    const after = await session.weights()
    expect(after.get('frozen/kernel')).toEqual(before.get('frozen/kernel'))
    expect(after.get('free/kernel')).not.toEqual(before.get('free/kernel'))
    const { slots } = await session.optimizer()
    expect([...slots.keys()].filter((key) => key.startsWith('frozen'))).toEqual([])
    expect(slots.get('free/kernel/average')).toEqual(after.get('free/kernel'))
    session.dispose()
  })

  test('does not change with the arrays that it was given', async () => {
    const weights = new Map([['only/kernel', Float32Array.of(1, 2)]])
    const session = openWith(regression, weights)
    weights.get('only/kernel')?.fill(7)
    expect((await session.weights()).get('only/kernel')).toEqual(Float32Array.of(1, 2))
    session.dispose()
  })

  test('ends at a step whose loss is no number', async () => {
    const encoded = rowsFor(regression, rows)
    encoded.inputs[0]!.data[2 * order[5]!] = Infinity
    const session = open(regression)
    expect(await train(session, encoded, 0, 3)).toMatchObject({ divergedAt: 1, sums: { steps: 2 } })
    session.dispose()
  })

  describe('augmentation', () => {
    const epoch = 4
    const encoded = rowsFor(images, rows)
    const [input] = encoded.inputs
    const augment = [
      { type: 'random_flip', mode: 'horizontal' },
      { type: 'random_translation', height_factor: 0.3, width_factor: 0.2, fill_mode: 'constant' },
      { type: 'random_erasing', fill_value: 0.5, value_range: [-1, 1] },
    ].map((config) => augmentations.ref().parse(config))
    const task = { ...images, augment }

    test('trains as on images that were augmented by the numbers of their rows and the epoch', async () => {
      const numbers = Int32Array.from({ length: rows }, (_, i) => i)
      const b = new Builder()
      const moment = { epoch: b.input('epoch', [], 'i32'), rows: b.input('rows', [rows], 'i32') }
      const x = b.input('x', [rows, ...(input?.shape ?? [])])
      const y = interpret(
        b.program([['y', augmentImages(b, x, augment, moment)]]),
        new Map<string, ArrayLike<number>>([
          ['x', input?.data ?? []],
          ['rows', numbers],
          ['epoch', [epoch]],
        ]),
        task.seed,
      ).get('y')
      const changed = { ...encoded, inputs: [{ ...input!, data: Float32Array.from(y ?? []) }] }
      const [augmented, plain] = [open(task), open(images)]
      await train(augmented, encoded, 0, 3, { epoch })
      await train(plain, changed, 0, 3)
      expectNear(await augmented.weights(), await plain.weights())
      expectNear((await augmented.evaluate(encoded, 4)).metrics, (await plain.evaluate(encoded, 4)).metrics)
      for (const session of [augmented, plain]) session.dispose()
    })

    test('is the same wherever a row of the split stands in the data', async () => {
      const [whole, part] = [open(task), open(task)]
      const size = sizeOf(input?.shape ?? [])
      const reversed = Uint32Array.from({ length: rows }, (_, i) => rows - 1 - i)
      const images = Float32Array.from({ length: rows * size }, (_, i) => {
        return input?.data[(rows - 1 - Math.floor(i / size)) * size + (i % size)] ?? NaN
      })
      const [target] = encoded.targets
      const turned = {
        ...encoded,
        inputs: [{ ...input!, data: images }],
        targets: [
          { ...target!, kind: 'classes' as const, data: Int32Array.from(target?.data ?? []).reverse() },
        ],
      }
      await train(whole, encoded, 0, 3, { epoch })
      await train(part, turned, 0, 3, { epoch, order: order.map((row) => reversed[row] ?? 0), rows: order })
      expect(await stateOf(part)).toEqual(await stateOf(whole))
      const other = open(task)
      await train(other, encoded, 0, 3, { epoch: epoch + 1 })
      expect(await stateOf(other)).not.toEqual(await stateOf(whole))
      for (const session of [whole, part, other]) session.dispose()
    })
  })

  test('takes an order of any length', async () => {
    const encoded = rowsFor(regression, 3)
    const twice = Uint32Array.of(0, 1, 2, 0, 1, 2, 2)
    const [short, long] = [open(regression), open(regression)]
    for (const order of [twice.subarray(0, 3), twice.subarray(3, 6)]) {
      await train(short, encoded, 0, 1, { order, batchSize: 3 })
    }
    await train(long, encoded, 0, 2, { order: twice, batchSize: 3 })
    expect(await stateOf(long)).toEqual(await stateOf(short))
    expect(await train(long, encoded, 2, 1, { order: twice, batchSize: 3 })).toMatchObject({
      sums: { rows: 1 },
    })
    for (const session of [short, long]) session.dispose()
  })

  test('trains the same after other data has been evaluated and predicted', async () => {
    const [plain, used] = [open(regression), open(regression)]
    const encoded = rowsFor(regression, rows)
    for (let epoch = 0; epoch < 3; epoch++) {
      await train(plain, encoded, 0, 3)
      await train(used, encoded, 0, 3)
      await used.evaluate(rowsFor(regression, 17 + epoch), 7)
      await used.predict(rowsFor(regression, 23), 23 - epoch)
    }
    expect(await stateOf(used)).toEqual(await stateOf(plain))
    for (const session of [plain, used]) session.dispose()
  })
}
