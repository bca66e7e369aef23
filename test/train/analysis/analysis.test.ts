import { describe, expect, it } from 'vitest'

import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import { inOrder } from '../../../src/data/rows/in-order.ts'
import type { MetricSums } from '../../../src/engine/engine.ts'
import type { ClassesState, NumbersState } from '../../../src/runtime/preprocessing.ts'
import { calibrationOf } from '../../../src/train/analysis/calibration.ts'
import { decisionsOf } from '../../../src/train/analysis/decisions.ts'
import { doubtfulLabels } from '../../../src/train/analysis/doubtful-labels.ts'
import { intervalsOf } from '../../../src/train/analysis/intervals.ts'
import { quantile } from '../../../src/statistics.ts'
import { worstRows } from '../../../src/train/analysis/worst-rows.ts'

const state: ClassesState = {
  kind: 'classes',
  name: 'y',
  shape: [2],
  columns: ['y'],
  form: 'labels',
  classes: ['cat', 'dog'],
}

it('a calibration leaves out rows without a probability, and has bins of single rows', () => {
  // Sums of float32 may exceed 1.
  const most = 1 + 2 ** -23
  expect(calibrationOf([0.25, NaN, 0.25, most], [true, true, false, true])).toEqual({
    bins: [
      { rows: 2, probability: 0.25, share: 0.5 },
      { rows: 1, probability: most, share: 1 },
    ],
    ece: expect.closeTo(1 / 6, 6),
    probability: expect.closeTo(0.5, 6),
    share: expect.closeTo(2 / 3, 6),
  })
})

it('decisions leave out rows without a score', () => {
  const { thresholds, hits, alarms, positives } = decisionsOf({
    scores: [0.2, NaN, 0.8, 0.2],
    isPositive: [true, true, true, false],
  })
  expect([...thresholds]).toEqual([0.8, 0.2])
  expect([[...hits], [...alarms], positives]).toEqual([[1, 2], [0, 1], 2])
})

it('quantiles lie between neighbors', () => {
  expect(quantile([1, 2, 4], 0.75)).toBe(3)
  expect(quantile([5], 0.1)).toBe(5)
  expect(quantile([], 0.5)).toBeNaN()
})

describe('confidence intervals', () => {
  const rows = 400
  const encoded: EncodedRows = {
    rows,
    inputs: [
      { name: 'input', shape: [1], data: Float32Array.from({ length: rows }, (_, i) => Number(i % 4 === 0)) },
    ],
    targets: [],
    sourceRow: inOrder(0, rows),
  }
  const session = {
    unload: () => undefined,
    evaluate: async (given: EncodedRows): Promise<MetricSums> => ({
      rows: given.rows,
      steps: 1,
      loss: [...(given.inputs[0]?.data ?? [])].reduce((sum, value) => sum + value, 0),
      losses: new Map(),
      metrics: new Map(),
    }),
  }
  const task = { outputs: [] }

  it('of a share are those of the binomial distribution, and depend on the seed only', async () => {
    const { loss: first } = await intervalsOf(session, task, encoded, 1)
    expect(await intervalsOf(session, task, encoded, 1)).toEqual({ loss: first })
    expect(await intervalsOf(session, task, encoded, 2)).not.toEqual({ loss: first })
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / rows)
    expect(Math.abs((first?.low ?? NaN) - (0.25 - half))).toBeLessThan(0.006)
    expect(Math.abs((first?.high ?? NaN) - (0.25 + half))).toBeLessThan(0.006)
  })
})

it('labels are doubtful where rows look like another class as much as its own rows', () => {
  const shares = [0.9, 0.1, 0.95, 0.05, 0.05, 0.95, 0.2, 0.8, 0.1, 0.9, 0.45, 0.55]
  const found = doubtfulLabels(
    {
      classes: ['cat', 'dog'],
      truth: Int32Array.of(0, 0, 1, 1, 0, 0),
      indices: Int32Array.of(0, 0, 1, 1, 1, 1),
    },
    Float64Array.from(shares),
  )
  expect(found).toEqual([{ label: 'cat', looksLike: 'dog', rows: 4, doubtful: 1 }])
})

it('the worst rows are those that are wrong, the least probable truth first', () => {
  const output = {
    state,
    classes: ['cat', 'dog'],
    steps: 1,
    truth: Int32Array.of(0, 0, 1, 1),
    indices: Int32Array.of(0, 1, 1, 0),
    probabilities: Float64Array.of(0.6, 0.4, 0.3, 0.7, 0.4, 0.6, 0.9, 0.1),
  }
  const found = worstRows({ outputs: [output], sourceRow: inOrder(0, 4) }, 10)
  expect(found.map(({ position }) => position)).toEqual([3, 1])
  expect(found[1]?.error).toBeCloseTo(-Math.log(0.3), 12)
})

it('of several labels, the worst rows are those with a wrong decision, by the cross-entropy of all', () => {
  const output = {
    state: {
      kind: 'numbers',
      name: 'y',
      shape: [2],
      columns: ['a', 'b'],
      scalings: [],
      probabilities: 'sigmoid',
    } satisfies NumbersState,
    size: 2,
    truth: Float64Array.of(1, 0, 1, 1, 0, 0),
    predicted: Float64Array.of(0.9, 0.4, 0.2, 0.9, 0.1, 0.6),
  }
  const found = worstRows({ outputs: [output], sourceRow: inOrder(0, 3) }, 10)
  expect(found.map(({ position }) => position)).toEqual([1, 2])
  expect(found[0]?.error).toBeCloseTo(-(Math.log(0.2) + Math.log(0.9)) / 2, 12)
})
