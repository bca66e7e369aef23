import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { targetFor } from '../../../src/step/targets.ts'
import { losses } from '../../../src/components/losses/index.ts'
import { metrics } from '../../../src/components/metrics/index.ts'
import type { ComponentConfig } from '../../../src/registry.ts'
import {
  defaultsSchema,
  expectClose,
  expectGoldenMembers,
  expectKerasDefaults,
  readGolden,
  tensorSchema,
} from '../../golden/golden.ts'
import type { GoldenTensor } from '../../golden/golden.ts'

/** Values over three batches, without weights and with rows weighing 0, 0.5, 1, 1.5, 0 ... */
const golden = readGolden(
  'metrics',
  z.object({
    defaults: defaultsSchema,
    batches: z.array(z.int()),
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        target: tensorSchema,
        x: tensorSchema,
        plain: z.number(),
        weighted: z.number(),
      }),
    ),
  }),
)
const cases = golden.cases.map(
  (example) => [`${example.type} ${JSON.stringify(example.options)}`, example] as const,
)

/** Metrics that Keras has no class for: it takes losses for them, or, for accuracy, one of the others. */
const WITHOUT_CLASS = ['accuracy', 'binary_focal_crossentropy', 'categorical_focal_crossentropy', 'huber']

it('has golden values for every member', () => {
  const others = WITHOUT_CLASS.map((type) => ({ type }))
  expectGoldenMembers(metrics, [...golden.cases, ...others], golden.defaults)
})

it('has every loss', () => {
  expect(losses.members.filter(({ type }) => metrics.find(type) === undefined)).toEqual([])
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(metrics, type, defaults)
})

/** The value over all rows, taken in batches; targets are stored as they are given, labels as i32. */
function figure(
  config: ComponentConfig,
  { x, target }: { x: GoldenTensor; target: GoldenTensor },
  options: { batches: readonly number[]; weigh: (row: number) => number; labels: boolean },
): number {
  const metric = metrics.of(config)
  const [xSize, targetSize] = [rowSize(x), rowSize(target)]
  const sums = new Float64Array(metric.size(config, x.shape.slice(1)))
  let start = 0
  for (const rows of options.batches) {
    const b = new Builder()
    const prediction = b.input('x', [rows, ...x.shape.slice(1)])
    const stored = b.input('target', [rows, ...target.shape.slice(1)], options.labels ? 'i32' : 'f32')
    const weights = b.broadcast(
      b.reshape(b.input('weights', [rows]), [rows, ...x.shape.slice(1, -1).map(() => 1)]),
      prediction.shape.slice(0, -1),
    )
    const compared = { target: targetFor(b, metric.target, stored, prediction), prediction }
    const program = b.program([['sums', metric.update(b, { ...compared, weights }, config)]])
    const found = interpret(
      program,
      new Map([
        ['x', x.data.slice(start * xSize, (start + rows) * xSize).map(Math.fround)],
        ['target', target.data.slice(start * targetSize, (start + rows) * targetSize)],
        ['weights', Array.from({ length: rows }, (_, i) => options.weigh(start + i))],
      ]),
    ).get('sums')
    expect(found?.length).toBe(sums.length)
    found?.forEach((sum, i) => (sums[i] = (sums[i] ?? 0) + sum))
    start += rows
  }
  return metric.result(sums, config)
}

function rowSize({ shape }: GoldenTensor): number {
  return shape.slice(1).reduce((size, length) => size * length, 1)
}

const alike = () => 1
const unlike = (row: number) => (row % 4) / 2

describe.each(cases)('%s', (_name, example) => {
  const config = metrics.ref().parse({ type: example.type, ...example.options })
  const { batches } = golden
  const labels = metrics.of(config).target === 'index'
  const close = { relative: 1e-5, absolute: 1e-6 }

  it("gives Keras's figure over all rows", () => {
    expectClose([figure(config, example, { batches, weigh: alike, labels })], [example.plain], close)
  })

  it("gives Keras's figure of weighted rows", () => {
    expectClose([figure(config, example, { batches, weigh: unlike, labels })], [example.weighted], close)
  })

  it('gives the same figure whatever the batches', () => {
    const whole = [batches.reduce((sum, rows) => sum + rows, 0)]
    const one = figure(config, example, { batches: whole, weigh: unlike, labels })
    expectClose([figure(config, example, { batches, weigh: unlike, labels })], [one], { relative: 1e-9 })
  })
})

describe.each(['auc', 'precision', 'recall', 'f1_score'])('%s', (type) => {
  const config = metrics.ref().parse({ type, ...(type === 'f1_score' && { threshold: 0.5 }) })
  const options = { batches: [4], weigh: alike }

  it('takes stored labels of one unit for no and yes', () => {
    const x = { shape: [4, 1], data: [0.1, 0.8, 0.4, 0.9] }
    const label = { shape: [4], data: [0, 1, 1, 0] }
    const number = { shape: [4, 1], data: label.data }
    const [labels, numbers] = [label, number].map((target) =>
      figure(config, { x, target }, { ...options, labels: target === label }),
    )
    expect(labels).toBe(numbers)
  })

  it('takes stored labels of several units for one-hot targets', () => {
    const x = { shape: [4, 2], data: [0.1, 0.9, 0.7, 0.3, 0.6, 0.4, 0.2, 0.8] }
    const label = { shape: [4], data: [0, 1, 0, 1] }
    const oneHot = { shape: [4, 2], data: [1, 0, 0, 1, 1, 0, 0, 1] }
    const [labels, numbers] = [label, oneHot].map((target) =>
      figure(config, { x, target }, { ...options, labels: target === label }),
    )
    expect(labels).toBe(numbers)
  })
})

it.each([
  [{ type: 'top_k_categorical_accuracy', k: 3 }, [3], 'all of the 3 classes'],
  [{ type: 'precision', class_id: 3 }, [3], 'no class 3'],
  [{ type: 'recall', top_k: 4 }, [3], 'no 4 largest'],
  [{ type: 'f1_score' }, [1], 'counts the only unit as positive'],
])('%j makes no sense for an output of %j', (given, shape, message) => {
  const config = metrics.ref().parse(given)
  expect(() => metrics.of(config).checkPrediction?.(config, shape)).toThrow(message)
})
