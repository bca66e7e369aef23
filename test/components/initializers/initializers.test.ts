import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { sizeOf } from '../../../src/ir/ir.ts'
import { initializers } from '../../../src/components/initializers/index.ts'
import { orthonormalize } from '../../../src/components/initializers/orthogonal.ts'
import { stream } from '../../../src/random.ts'
import {
  defaultsSchema,
  expectClose,
  expectGoldenMembers,
  expectKerasDefaults,
  readGolden,
  tensorSchema,
} from '../../golden/golden.ts'

const golden = readGolden(
  'initializers',
  z.object({
    defaults: defaultsSchema,
    fans: z.array(z.object({ shape: z.array(z.int()), fans: z.tuple([z.int(), z.int()]) })),
    statistics: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        shape: z.array(z.int()),
        mean: z.number(),
        std: z.number(),
        min: z.number(),
        max: z.number(),
      }),
    ),
    orthogonal: z.array(z.object({ gain: z.number(), draws: tensorSchema, values: tensorSchema })),
    identity: z.array(z.object({ gain: z.number(), values: tensorSchema })),
  }),
)

function initialize(
  config: unknown,
  shape: readonly number[],
  name = 'dense/kernel',
  seed = 1,
): Float32Array {
  const parsed = initializers.ref().parse(config)
  return initializers.of(parsed).initialize(shape, stream(seed, `initialize/${name}`), parsed)
}

it('has golden numbers for every member', () => {
  const others = [{ type: 'identity' }, { type: 'orthogonal' }]
  expectGoldenMembers(initializers, [...golden.statistics, ...others], golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(initializers, type, defaults)
})

const distributions = golden.statistics.map(
  (wanted) => [wanted.type, JSON.stringify(wanted.options), JSON.stringify(wanted.shape), wanted] as const,
)

describe.each(distributions)('%s %s of shape %s', (type, _options, _shape, wanted) => {
  const values = initialize({ type, ...wanted.options }, wanted.shape)
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length)
  const unbounded = /random_normal|untruncated/.test(`${type} ${String(wanted.options['distribution'])}`)

  it("has Keras's mean and standard deviation", () => {
    // Two means of 100,000 numbers differ by five standard errors once in two million times.
    expect(Math.abs(mean - wanted.mean)).toBeLessThanOrEqual(5 * wanted.std * Math.sqrt(2 / 1e5) + 1e-7)
    expect(Math.abs(deviation - wanted.std)).toBeLessThanOrEqual(5 * wanted.std * Math.sqrt(2 / 1e5) + 1e-7)
  })

  it("keeps within Keras's limits and reaches them", () => {
    const sorted = values.toSorted()
    const tolerance = (unbounded ? 0.25 : 1e-3) * (wanted.max - wanted.min)
    expectClose([sorted[0] ?? NaN, sorted.at(-1) ?? NaN], [wanted.min, wanted.max], {
      relative: 0,
      absolute: tolerance + 1e-9,
    })
  })
})

it.each(golden.fans)(
  "counts Keras's connections of a weight of shape $shape",
  ({ shape, fans: [fanIn, fanOut] }) => {
    const modes = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }
    for (const [mode, fan] of Object.entries(modes)) {
      const limit = Math.sqrt(3 / fan)
      const wanted = initialize({ type: 'random_uniform', minval: -limit, maxval: limit }, shape)
      const found = initialize({ type: 'variance_scaling', mode, distribution: 'uniform' }, shape)
      expectClose(found, Array.from(wanted))
    }
  },
)

describe('orthogonal', () => {
  it.each(golden.orthogonal.map((example) => [JSON.stringify(example.values.shape), example] as const))(
    'makes of known numbers what Keras makes of them: %s',
    (_shape, { gain, draws, values }) => {
      const [length = 0, count = 0] = draws.shape
      const vectors = Float64Array.from({ length: length * count }, (_, i) => {
        const [vector, element] = [Math.floor(i / length), i % length]
        return draws.data[element * count + vector] ?? NaN
      })
      orthonormalize(vectors, length, count)
      const columns = values.shape.at(-1) ?? 0
      const rows = sizeOf(values.shape) / columns
      const expected = rows < columns ? values.data : transpose(values.data, rows, columns)
      expectClose(
        vectors.map((x) => gain * x),
        expected,
      )
    },
  )

  it.each([
    [[64, 64], 1],
    [[150, 40], 2],
    [[30, 130], 0.5],
    [[3, 3, 8, 16], 1],
    [[1, 5], 1],
  ])(
    'makes columns, or rows if there are fewer of them, of %j with a gain of %d orthogonal',
    (shape, gain) => {
      const values = Array.from(initialize({ type: 'orthogonal', gain }, shape))
      const columns = shape.at(-1) ?? 0
      const rows = sizeOf(shape) / columns
      const vectors = rows < columns ? values : transpose(values, rows, columns)
      const [length, count] = [Math.max(rows, columns), Math.min(rows, columns)]
      const vector = (i: number): number[] => vectors.slice(i * length, (i + 1) * length)
      for (let i = 0; i < count; i++) {
        const dots = Array.from({ length: i + 1 }, (_, j) =>
          vector(i).reduce((sum, x, k) => sum + x * (vector(j)[k] ?? NaN), 0),
        )
        expectClose(
          dots,
          dots.map((_, j) => (i === j ? gain ** 2 : 0)),
          { absolute: 1e-6 },
        )
      }
    },
  )

  it('favours no direction', () => {
    // The 2 x 2 rotations and reflections: each element's mean over many is 0, and that of its square 1/2.
    const many = Array.from({ length: 400 }, (_, i) =>
      Array.from(initialize('orthogonal', [2, 2], `layer_${i}`)),
    )
    for (let i = 0; i < 4; i++) {
      const mean = (power: number): number =>
        many.reduce((sum, q) => sum + (q[i] ?? NaN) ** power, 0) / many.length
      expect(Math.abs(mean(1))).toBeLessThan(0.15)
      expect(Math.abs(mean(2) - 0.5)).toBeLessThan(0.09)
    }
  })

  it('is fast enough for an LSTM of 256 units', () => {
    const start = performance.now()
    initialize('orthogonal', [256, 1024])
    expect(performance.now() - start).toBeLessThan(3000)
  })
})

it.each(golden.identity)('identity of shape $values.shape is that of Keras', ({ gain, values }) => {
  expect(Array.from(initialize({ type: 'identity', gain }, values.shape))).toEqual(values.data)
})

const random = new Set([
  ...golden.statistics.filter(({ std }) => std > 1e-6).map(({ type }) => type),
  'orthogonal',
])

describe.each([...random])('%s', (type) => {
  it('depends on the seed and on the parameter, and on nothing else', () => {
    const first = initialize(type, [6, 7])
    expect(initialize(type, [6, 7])).toEqual(first)
    expect(initialize(type, [6, 7], 'dense_1/kernel')).not.toEqual(first)
    expect(initialize(type, [6, 7], 'dense/kernel', 2)).not.toEqual(first)
    expect(new Set(first).size).toBe(42)
  })
})

it.each(initializers.members.map(({ type }) => type))(
  '%s gives the same bits on every machine and in every version',
  (type) => {
    const values = initialize(type, [3, 3, 10, 20], 'conv2d/kernel', 100)
    expect(createHash('sha256').update(values).digest('hex')).toMatchSnapshot()
  },
)

function transpose(matrix: readonly number[], rows: number, columns: number): number[] {
  return Array.from(
    { length: rows * columns },
    (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? NaN,
  )
}
