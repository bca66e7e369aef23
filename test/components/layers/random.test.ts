import { describe, expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import { golden, graphOf, programOf } from './layers.cases.ts'

type Draw = {
  config: Record<string, unknown>
  x: number[]
  shape: number[]
  training?: boolean
  seed?: number
  counter?: number
}

function draw({ config, x, shape, training = true, seed = 0, counter = 0 }: Draw): number[] {
  const [batch = 0, ...row] = shape
  const inputs = new Map([
    ['x0', x],
    ['counter', [counter]],
  ])
  return Array.from(
    interpret(programOf(graphOf(config, [row]), batch, { training }), inputs, seed).get('y') ?? [],
  )
}

const SHAPE = [20, 25, 40]
const SIZE = 20_000
/** Spread evenly over about -1.7 to 1.7: mean 0, variance 1. */
const X = Array.from({ length: SIZE }, (_, i) => ((i * 7919) % SIZE) / SIZE).map(
  (u) => (u - 0.5 + 0.5 / SIZE) * Math.sqrt(12),
)
const ONES = X.map(() => 1)

function moments(xs: readonly number[]): { mean: number; variance: number } {
  const mean = xs.reduce((sum, x) => sum + x, 0) / xs.length
  return { mean, variance: xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / xs.length }
}

/** Within five standard errors. */
function expectShare(share: number, wanted: number, draws: number): void {
  expect(Math.abs(share - wanted)).toBeLessThan(5 * Math.sqrt((wanted * (1 - wanted)) / draws))
}

const RANDOM = golden.cases.filter(({ type }) => /dropout|noise/.test(type))

describe.each(RANDOM.map(({ type, options }) => [type, { type, ...options }] as const))(
  '%s',
  (type, config) => {
    const x = X.slice(0, 1000)
    const shape = [2, 25, 20]

    it('changes nothing outside training', () => {
      expect(draw({ config, x, shape, training: false })).toEqual(x)
    })

    it('changes nothing at a rate of 0', () => {
      const off = type === 'gaussian_noise' ? { type, stddev: 0 } : { type, rate: 0 }
      expect(draw({ config: off, x, shape })).toEqual(x)
    })

    it('draws the same numbers for the same seed and step, others for another', () => {
      const first = draw({ config, x, shape })
      expect(draw({ config, x, shape })).toEqual(first)
      expect(draw({ config, x, shape, seed: 1 })).not.toEqual(first)
      expect(draw({ config, x, shape, counter: 1 })).not.toEqual(first)
      expect(first).not.toEqual(x)
    })
  },
)

describe('dropout', () => {
  it.each([0.1, 0.5, 0.9])('sets a share of %d to 0 and scales the rest up', (rate) => {
    const y = draw({ config: { type: 'dropout', rate }, x: ONES, shape: SHAPE })
    expectShare(y.filter((value) => value === 0).length / SIZE, rate, SIZE)
    for (const value of y.filter((value) => value !== 0)) expect(value).toBeCloseTo(1 / (1 - rate), 5)
  })

  it('drops all at a rate of 1', () => {
    expect(new Set(draw({ config: { type: 'dropout', rate: 1 }, x: ONES, shape: SHAPE }))).toEqual(
      new Set([0]),
    )
  })

  it('shares draws along the axes where noise_shape is 1', () => {
    const [batch, steps, features] = [4, 40, 3]
    const config = { type: 'dropout', rate: 0.5, noise_shape: [1, null, 1] }
    const y = draw({ config, x: ONES.slice(0, batch * steps * features), shape: [batch, steps, features] })
    const perStep = Array.from({ length: steps }, (_, step) =>
      y.filter((_, i) => Math.floor(i / features) % steps === step),
    )
    for (const values of perStep) expect(new Set(values).size).toBe(1)
    expect(new Set(y).size).toBe(2)
  })

  it('gives two layers of one model different draws', () => {
    const config = layers.ref().parse({ type: 'dropout', rate: 0.5 })
    const { graph } = buildGraph({
      input: [50],
      layers: [
        { ...config, name: 'left' },
        { ...config, name: 'right', from: 'input' },
        layers.ref().parse({ type: 'subtract', name: 'layer', from: ['left', 'right'] }),
      ],
    })
    if (graph === undefined) throw new Error('the model is wrong')
    const inputs = new Map([
      ['input', ONES.slice(0, 200)],
      ['counter', [0]],
    ])
    const y = interpret(programOf(graph, 4, { training: true }), inputs).get('y') ?? []
    expectShare(Array.from(y).filter((value) => value === 0).length / 200, 0.5, 200)
  })
})

describe('spatial_dropout1d', () => {
  it('drops whole channels of a sequence', () => {
    const [batch, steps, channels] = [200, 3, 20]
    const x = Array.from({ length: batch * steps * channels }, () => 1)
    const y = draw({ config: { type: 'spatial_dropout1d', rate: 0.3 }, x, shape: [batch, steps, channels] })
    const first = y.filter((_, i) => Math.floor(i / channels) % steps === 0)
    for (const step of [1, 2])
      expect(y.filter((_, i) => Math.floor(i / channels) % steps === step)).toEqual(first)
    expectShare(first.filter((value) => value === 0).length / first.length, 0.3, first.length)
  })
})

describe('alpha_dropout', () => {
  it.each([0.1, 0.5])('keeps mean 0 and variance 1 at a rate of %d', (rate) => {
    const y = draw({ config: { type: 'alpha_dropout', rate }, x: X, shape: SHAPE })
    const { mean, variance } = moments(y)
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    const floor = Math.min(...y)
    expectShare(y.filter((value) => value < floor + 1e-6).length / SIZE, rate, SIZE)
  })
})

describe('gaussian_noise', () => {
  it('adds normal numbers', () => {
    const y = draw({ config: { type: 'gaussian_noise', stddev: 0.5 }, x: X, shape: SHAPE })
    const noise = y.map((value, i) => (value - (X[i] ?? NaN)) / 0.5)
    const { mean, variance } = moments(noise)
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(SIZE))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / SIZE))
    // Shares of the normal distribution below -2, -1, 0, 1 and 2.
    for (const [limit, share] of [
      [-2, 0.02275],
      [-1, 0.158655],
      [0, 0.5],
      [1, 0.841345],
      [2, 0.97725],
    ] as const)
      expectShare(noise.filter((value) => value < limit).length / SIZE, share, SIZE)
    const pairs = noise.slice(1).reduce((sum, value, i) => sum + value * (noise[i] ?? NaN), 0) / SIZE
    expect(Math.abs(pairs)).toBeLessThan(5 / Math.sqrt(SIZE))
  })
})

describe('gaussian_dropout', () => {
  it("multiplies by noise of mean 1 and dropout's variance", () => {
    const y = draw({ config: { type: 'gaussian_dropout', rate: 0.2 }, x: ONES, shape: SHAPE })
    const { mean, variance } = moments(y)
    expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(0.25 / SIZE))
    expect(Math.abs(variance - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / SIZE))
  })
})
