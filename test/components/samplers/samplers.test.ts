import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { countOf } from '../../../src/components/samplers/dimension.ts'
import type { Dimension, SearchPoint } from '../../../src/components/samplers/dimension.ts'
import { samplers } from '../../../src/components/samplers/index.ts'
import { mixture } from '../../../src/components/samplers/mixture.ts'
import type { Observation } from '../../../src/components/samplers/sampler.ts'
import { sobolWord } from '../../../src/components/samplers/sobol.ts'
import { readGolden } from '../../golden/golden.ts'

const golden = readGolden(
  'samplers',
  z.object({
    sobol: z.array(z.array(z.number())),
    parzen: z.array(
      z.object({
        observed: z.array(z.array(z.number())),
        points: z.array(z.array(z.number())),
        log_pdf: z.array(z.number()),
      }),
    ),
  }),
)

const number = fc
  .tuple(fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: 0.01, max: 100, noNaN: true }))
  .map(([low, range]): Dimension => ({ kind: 'number', low, high: low + range }))
const stepped = fc
  .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .map(([low, steps]): Dimension => ({ kind: 'number', low, high: low + steps, step: 1 }))
const choice = fc.integer({ min: 1, max: 6 }).map((count): Dimension => ({ kind: 'choice', count }))
const space = fc.array(fc.oneof(number, stepped, choice), { minLength: 1, maxLength: 5 })

/** The point of a trial by a sampler with its default options. */
function pointOf(
  type: string,
  dimensions: readonly Dimension[],
  trial: number,
  earlier: readonly Observation[] = [],
  seed = 1,
): SearchPoint {
  const member = samplers.of({ type })
  const config = samplers.schemaOf(member).parse({ type })
  return member.point(config, { space: dimensions, seed, trial, earlier })
}

function isInside(dimension: Dimension, value: number): boolean {
  if (dimension.kind === 'choice') return Number.isInteger(value) && value >= 0 && value < dimension.count
  const { low, high, step } = dimension
  return value >= low && value <= high && (step === undefined || Number.isInteger((value - low) / step))
}

/** Observations whose loss is the squared distance from a place. */
function observed(points: readonly SearchPoint[], place: readonly number[]): Observation[] {
  return points.map((point) => ({
    point,
    loss: point.reduce((sum, value, d) => sum + (value - (place[d] ?? 0)) ** 2, 0),
    rung: 0,
  }))
}

describe('samplers', () => {
  it.each(['random', 'sobol', 'tpe'])(
    '%s yields points inside the space, the same for the same seed',
    (type) => {
      fc.assert(
        fc.property(
          space,
          fc.integer({ min: 0, max: 99 }),
          fc.integer({ min: 0, max: 9 }),
          (dimensions, trial, seed) => {
            const earlier = observed(
              Array.from({ length: 12 }, (_, i) => pointOf('random', dimensions, i, [], seed)),
              [],
            )
            const point = pointOf(type, dimensions, trial, earlier, seed)
            expect(point).toHaveLength(dimensions.length)
            expect(dimensions.filter((one, d) => !isInside(one, point[d] ?? NaN))).toEqual([])
            expect(pointOf(type, dimensions, trial, earlier, seed)).toEqual(point)
          },
        ),
        { numRuns: 60 },
      )
    },
  )

  it('grid yields every combination once, the last parameter first', () => {
    const dimensions: Dimension[] = [
      { kind: 'choice', count: 2 },
      { kind: 'number', low: 5, high: 7, step: 1 },
    ]
    const points = Array.from({ length: 6 }, (_, trial) => pointOf('grid', dimensions, trial))
    expect(points).toEqual([
      [0, 5],
      [0, 6],
      [0, 7],
      [1, 5],
      [1, 6],
      [1, 7],
    ])
    expect(samplers.of({ type: 'grid' }).size?.(dimensions)).toBe(6)
  })

  it('sobol yields the numbers of scipy before its random shift', () => {
    const words = golden.sobol.map((point, index) => point.map((_, d) => sobolWord(d, index) * 2 ** -32))
    expect(words).toEqual(golden.sobol)
  })

  it('sobol with a shift covers each quarter of a dimension equally', () => {
    const dimensions: Dimension[] = [
      { kind: 'choice', count: 4 },
      { kind: 'choice', count: 4 },
    ]
    const points = Array.from({ length: 16 }, (_, trial) => pointOf('sobol', dimensions, trial).join())
    expect(new Set(points).size).toBe(16)
  })

  it('normal dimensions have their mean and deviation', () => {
    const dimension: Dimension = {
      kind: 'number',
      low: -10,
      high: 14,
      normal: { mean: 2, deviation: 3 },
    }
    const values = Array.from({ length: 4000 }, (_, trial) => pointOf('random', [dimension], trial)[0] ?? 0)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(mean).toBeCloseTo(2, 0)
    expect(Math.sqrt(variance)).toBeCloseTo(3, 0)
    expect(countOf(dimension)).toBe(Infinity)
  })
})

describe('tpe', () => {
  const dimensions: Dimension[] = [
    { kind: 'number', low: -2, high: 3 },
    { kind: 'number', low: 1, high: 201, step: 2 },
    { kind: 'choice', count: 3 },
  ]

  it.each(golden.parzen)('has the densities of the estimator of Optuna %#', (parzen) => {
    const { logDensity } = mixture(dimensions, parzen.observed)
    for (const [i, point] of parzen.points.entries())
      expect(logDensity(point)).toBeCloseTo(parzen.log_pdf[i] ?? NaN, 4)
  })

  it('comes nearer to a minimum than random points do', () => {
    const square: Dimension[] = [
      { kind: 'number', low: -5, high: 5 },
      { kind: 'number', low: -5, high: 5 },
    ]
    const best = (type: string, seed: number): number => {
      let earlier: Observation[] = []
      for (let trial = 0; trial < 60; trial++)
        earlier = [...earlier, ...observed([pointOf(type, square, trial, earlier, seed)], [1, -2])]
      return Math.min(...earlier.map(({ loss }) => loss))
    }
    const sum = (type: string): number => [1, 2, 3, 4, 5].reduce((all, seed) => all + best(type, seed), 0)
    expect(sum('tpe')).toBeLessThan(sum('random') / 3)
  })

  it('avoids where trials failed', () => {
    const line: Dimension[] = [{ kind: 'number', low: 0, high: 1 }]
    const earlier = Array.from({ length: 20 }, (_, i) => ({
      point: [i / 20],
      loss: i < 10 ? Infinity : 1,
      rung: 0,
    }))
    const values = Array.from({ length: 20 }, (_, i) => pointOf('tpe', line, 20 + i, earlier)[0] ?? 0)
    expect(values.filter((value) => value < 0.4).length).toBeLessThan(5)
  })
})
