import { describe, expect, it } from 'vitest'

import type { Distribution } from '../../src/data/inspect/distributions.ts'
import type { ColumnProfile } from '../../src/data/inspect/profile.ts'
import { columnFindings } from '../../src/report/findings/columns.ts'
import { labelFindings } from '../../src/report/findings/labels.ts'
import { sharedFindings } from '../../src/report/findings/shared.ts'
import { shiftFindings } from '../../src/report/findings/shift.ts'
import type { ReportedData } from '../../src/report/report.ts'
import { analyzeLabels } from '../../src/train/analysis/labels.ts'

const ROWS = { train: 600, validation: 0, test: 200 }

function distribution(column: string, train: number[], test: number[]): Distribution {
  return { column, kind: 'number', edges: [0, 1, 2, 3], labels: [], shares: { train, test } }
}

function data(distributions: Distribution[], profiles: Partial<ColumnProfile>[] = []): ReportedData {
  const features = distributions.map(({ column }) => ({ name: column }))
  const whole = [...features, ...profiles].map((one) => ({
    name: 'x',
    kind: 'number' as const,
    role: 'feature' as const,
    missing: 0,
    ...one,
  }))
  return { source: 'rows.csv', profiles: whole, labels: new Map(), distributions, warnings: [] }
}

describe('a shift of the test rows', () => {
  const same = distribution('same', [0.3, 0.4, 0.3], [0.27, 0.41, 0.32])
  const shifted = distribution('wind', [0.6, 0.3, 0.1], [0.1, 0.3, 0.6])

  it('is named with its column and its size', () => {
    const [found, ...others] = shiftFindings(data([same, shifted]), 'test', ROWS)
    expect(found?.text).toBe(
      'The test rows are unlike the training rows in wind (50 % of the rows lie elsewhere).',
    )
    expect(others).toEqual([])
  })

  it('is none where few rows differ by chance, or the training rows themselves are measured', () => {
    expect(shiftFindings(data([shifted]), 'test', { ...ROWS, train: 8, test: 4 })).toEqual([])
    expect(shiftFindings(data([shifted]), 'train', ROWS)).toEqual([])
    expect(shiftFindings(data([same]), 'test', ROWS)).toEqual([])
  })
})

it('test rows that are training rows are named, and are serious where they are many', () => {
  const shared = { count: 1, rows: 1200, here: 'rows.csv:7', there: 'rows.csv:3' }
  expect(sharedFindings(shared, 'test')).toMatchObject([
    {
      severity: 'note',
      text: '1 of the 1,200 test rows (0.083 %) is among the training rows, too, such as rows.csv:7, which is rows.csv:3.',
    },
  ])
  expect(sharedFindings({ ...shared, count: 60 }, 'test')).toMatchObject([{ severity: 'serious' }])
  expect(sharedFindings(undefined, 'test')).toEqual([])
})

it('features that never change are named', () => {
  const profiles = [
    { name: 'site', distinct: 1 },
    { name: 'unit', min: 7, max: 7 },
    { name: 'x', min: 0, max: 7 },
    { name: 'y', distinct: 1, role: 'target' as const },
  ]
  const [found, ...others] = columnFindings(data([], profiles), undefined)
  expect(found?.text).toBe('The columns site, unit tell the model nothing: the same value in every row.')
  expect(others).toEqual([])
})

it('a label that many rows lack which look as if they had it is named, and one that is told badly is not', () => {
  const truth: number[] = []
  const predicted: number[] = []
  for (let row = 0; row < 100; row++) {
    // A fifth of the rows without the first label look like those with it; the second one is guessed.
    const [has, isGuessed] = [Number(row % 2 === 0), Number(row % 3 === 0)]
    const looks = has === 1 || row % 10 === 1
    truth.push(has, isGuessed)
    predicted.push(looks ? (has ? 0.9 : 0.95) : 0.1, 0.6 + 0.001 * (row % 11))
  }
  const found = labelFindings(
    analyzeLabels({
      state: {
        kind: 'numbers',
        name: 'y',
        shape: [2],
        columns: ['rain', 'snow'],
        scalings: [],
        probabilities: 'linear',
      },
      size: 2,
      truth: Float64Array.from(truth),
      predicted: Float64Array.from(predicted),
    }),
  )
  expect(found.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^The label rain may be missing: \d+ of 50 rows without it look as much like rows with it/,
    ),
  ])
})
