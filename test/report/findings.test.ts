import { describe, expect, it } from 'vitest'

import type { Distribution } from '../../src/data/inspect/distributions.ts'
import type { ColumnProfile } from '../../src/data/inspect/profile.ts'
import type { Analysis, OutputAnalysis } from '../../src/experiment/analysis.ts'
import { calibrationFindings } from '../../src/report/findings/calibration.ts'
import { columnFindings } from '../../src/report/findings/columns.ts'
import { labelFindings } from '../../src/report/findings/labels.ts'
import { scoreFindings } from '../../src/report/findings/scores.ts'
import { sharedFindings } from '../../src/report/findings/shared.ts'
import { shiftFindings } from '../../src/report/findings/shift.ts'
import type { ReportedData } from '../../src/report/report.ts'
import type { CalibrationBin } from '../../src/train/analysis/calibration.ts'
import type { ClassesAnalysis } from '../../src/train/analysis/classes.ts'
import type { DoubtfulLabels } from '../../src/train/analysis/doubtful-labels.ts'
import { analyzeLabels, lacking } from '../../src/train/analysis/labels.ts'
import { analyzeNumbers } from '../../src/train/analysis/numbers.ts'

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

describe('shifts of several columns', () => {
  function shiftedBy(column: string, by: number): Distribution {
    return distribution(column, [0.5, 0.5, 0], [0.5 - by, 0.5, by])
  }
  function named(distributions: Distribution[], profiles = data(distributions).profiles): string[] {
    return shiftFindings({ ...data(distributions), profiles }, 'test', ROWS).map(({ text }) => text)
  }
  const all = [0.25, 0.45, 0.3, 0.4].map((by, i) => shiftedBy(`x${i}`, by))

  it('are named for three of them, the largest first', () => {
    const unlike = 'The test rows are unlike the training rows in '
    const [x1, x3, x2] = [
      'x1 (45 % of the rows lie elsewhere)',
      'x3 (40 % of the rows lie elsewhere)',
      'x2 (30 % of the rows lie elsewhere)',
    ]
    expect(named(all)).toEqual([`${unlike}${x1}, ${x3}, ${x2} and 1 more.`])
    expect(named(all.slice(1))).toEqual([`${unlike}${x1}, ${x3}, ${x2}.`])
  })

  it('are not named where they are small, or of the target', () => {
    expect(named([shiftedBy('x', 0.19)])).toEqual([])
    expect(named(all, [{ name: 'x1', kind: 'number', role: 'target', missing: 0 }])).toEqual([])
  })

  it('count values that are in no bin', () => {
    const [found] = named([distribution('x', [0.5, 0.5, 0], [0.1, 0.1, 0])])
    expect(found).toContain('x (80 % of the rows lie elsewhere)')
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
  // Whether a value is missing tells something.
  expect(columnFindings(data([], [{ name: 'site', distinct: 1, missing: 3 }]), undefined)).toEqual([])
})

function analyzedLabels(truth: readonly number[] = [1, 0], predicted: readonly number[] = truth) {
  return analyzeLabels({
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
  })
}

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
  const found = labelFindings(analyzedLabels(truth, predicted))
  expect(found.map(({ text }) => text)).toEqual([
    expect.stringMatching(
      /^The label rain may be missing: \d+ of 50 rows without it look as much like rows with it/,
    ),
  ])
})

it('a label that many rows have which look as if they lacked it may be wrong', () => {
  const doubt = { label: 'rain', looksLike: lacking('rain'), rows: 50, doubtful: 9 }
  const [found] = labelFindings({ ...analyzedLabels(), doubtful: [doubt] })
  expect(found?.text).toBe(
    'The label rain may be wrong: 9 of 50 rows with it look as much like rows without it as those do.',
  )
})

/** Numbers, each column of which is predicted with errors of a size. */
function numbers(...errors: number[]): OutputAnalysis {
  const size = errors.length
  const truth = Float64Array.from({ length: 20 * size }, (_, i) => Math.floor(i / size) % 2)
  return analyzeNumbers({
    state: {
      kind: 'numbers',
      name: 'y',
      shape: [size],
      columns: errors.map((_, i) => `y${i}`),
      scalings: [],
    },
    size,
    truth,
    predicted: truth.map((x, i) => x + (errors[i % size] ?? 0) * (i % (4 * size) < 2 * size ? 1 : -1)),
  })
}

function classes(more: Partial<ClassesAnalysis>): ClassesAnalysis {
  return { name: 'y', kind: 'classes', classes: ['a', 'b'], curves: [], doubtful: [], ...more }
}

describe('labels that look like another class', () => {
  function named(...doubtful: DoubtfulLabels[]): string[] {
    return labelFindings(classes({ doubtful })).map(({ text }) => text)
  }
  const apples = { label: 'apple', looksLike: 'pear', rows: 100, doubtful: 10 }

  it('are named where they are a tenth of their class', () => {
    expect(named(apples)).toEqual([
      'Labels of apple may be wrong: 10 of 100 rows labeled apple look as much like pear as rows of pear do.',
    ])
    expect(named({ ...apples, doubtful: 9 })).toEqual([])
  })

  it('are not named where the classes are mistaken for each other both ways', () => {
    const pears = { label: 'pear', looksLike: 'apple', rows: 100, doubtful: 2 }
    expect(named(apples, pears)).toHaveLength(1)
    expect(named(apples, { ...pears, doubtful: 3 })).toEqual([])
    expect(named(apples, { ...pears, looksLike: 'plum', doubtful: 3 })).toHaveLength(1)
    expect(named(apples, { ...pears, label: 'plum', doubtful: 3 })).toHaveLength(1)
  })

  it('are named for three pairs of classes', () => {
    expect(named(...['a', 'b', 'c', 'd'].map((label) => ({ ...apples, label })))).toHaveLength(3)
  })
})

describe('a column that gives the target away', () => {
  function analysis(more: Partial<Analysis>): Analysis {
    return {
      intervals: {},
      outputs: [classes({ roc_auc: 0.99 })],
      dependence: [],
      worst: [],
      sourceRow: new Uint32Array(),
      ...more,
    }
  }
  function importance(...means: number[]): NonNullable<Analysis['importance']> {
    const columns = means.map((mean, i) => ({ column: `x${i}`, mean, deviation: 0 }))
    return { metric: 'loss', value: 0.1, rows: 100, repeats: 5, columns }
  }
  function warned(more: Partial<Analysis>, warnings: ReportedData['warnings'] = []) {
    return columnFindings({ ...data([]), warnings }, analysis(more))
  }

  it('is one that a nearly perfect model rests on alone', () => {
    expect(warned({ importance: importance(1, 0.2) })).toMatchObject([
      { severity: 'serious', text: expect.stringMatching(/^The column x0 may give the target away/) },
    ])
    expect(warned({ importance: importance(1, -0.5) })).toHaveLength(1)
    expect(warned({ importance: importance(1, 0.21) })).toEqual([])
    expect(warned({ importance: importance(0, -1) })).toEqual([])
    expect(warned({ importance: importance(1) })).toEqual([])
    expect(warned({})).toEqual([])
    expect(warned({ importance: importance(1, 0), outputs: [classes({ roc_auc: 0.97 })] })).toEqual([])
    expect(warned({ importance: importance(1, 0), outputs: [classes({})] })).toEqual([])
    expect(warned({ importance: importance(1, 0), outputs: [classes({ roc_auc: 0.98 })] })).toHaveLength(1)
    const several = [classes({}), classes({ roc_auc: 0.99 })]
    expect(warned({ importance: importance(1, 0), outputs: several })).toHaveLength(1)
    expect(warned({ importance: importance(1, 0), outputs: [numbers(0.1, 0.01)] })).toHaveLength(1)
    expect(warned({ importance: importance(1, 0), outputs: [numbers(0.1, 0.5)] })).toEqual([])
  })

  it('leaves room for four other remarks', () => {
    const remark = { severity: 'warning', code: 'scale', path: [], at: 'key', message: 'it is so' } as const
    expect(warned({}, Array<typeof remark>(6).fill(remark))).toHaveLength(4)
  })

  it('is named once, as the rows show it, before other remarks', () => {
    const leak = { severity: 'warning', code: 'leak', path: [], at: 'key' } as const
    const found = warned({ importance: importance(1, 0) }, [
      { ...leak, code: 'scale', message: 'the column b is not scaled' },
      { ...leak, message: 'the feature a determines the target', hint: 'exclude it' },
    ])
    expect(found).toEqual([
      {
        severity: 'serious',
        text: 'A column gives the target away: the feature a determines the target.',
        advice: 'Exclude it.',
      },
      { severity: 'note', text: 'The column b is not scaled.' },
    ])
  })
})

describe('probabilities', () => {
  function miscalibrated(...bins: CalibrationBin[]) {
    const rows = bins.reduce((sum, bin) => sum + bin.rows, 0)
    const distances = bins.map((bin) => bin.rows * Math.abs(bin.probability - bin.share))
    const ece = distances.reduce((sum, one) => sum + one, 0) / rows
    return calibrationFindings(classes({ calibration: { bins, ece, probability: 0, share: 0 } }), 'The model')
  }

  it('that are too extreme are overconfident, which is serious', () => {
    expect(
      miscalibrated(
        { rows: 500, probability: 0.95, share: 0.7 },
        { rows: 500, probability: 0.05, share: 0.25 },
      ),
    ).toMatchObject([
      {
        severity: 'serious',
        text: 'The model is miscalibrated (overconfident): its probabilities are off by 23 % on average; of predictions of about 95 %, 70 % come true.',
      },
    ])
  })

  it('that are too close to one half are underconfident', () => {
    expect(
      miscalibrated(
        { rows: 500, probability: 0.6, share: 0.9 },
        { rows: 500, probability: 0.4, share: 0.05 },
      ),
    ).toMatchObject([{ severity: 'note', text: expect.stringContaining('(underconfident)') }])
  })

  it('are judged by most rows, those at one half and above by what is too high', () => {
    expect(
      miscalibrated(
        { rows: 900, probability: 0.6, share: 0.45 },
        { rows: 100, probability: 0.7, share: 0.1 },
        { rows: 100, probability: 0.2, share: 0.95 },
      ),
    ).toMatchObject([{ text: expect.stringMatching(/\(overconfident\).*about 60 %, 45 % come true/) }])
    expect(
      miscalibrated(
        { rows: 900, probability: 0.6, share: 0.75 },
        { rows: 100, probability: 0.9, share: 0.1 },
      ),
    ).toMatchObject([{ text: expect.stringContaining('(underconfident)') }])
  })

  it('of few rows in each of several bins may be off by more', () => {
    const bins = (share: number): CalibrationBin[] =>
      Array.from({ length: 10 }, () => ({ rows: 10, probability: 0.5, share }))
    expect(miscalibrated(...bins(0.32))).toEqual([])
    expect(miscalibrated(...bins(0.3))).toHaveLength(1)
  })

  it('are not blamed for what chance explains, or for little', () => {
    expect(miscalibrated({ rows: 10, probability: 0.6, share: 0.78 })).toEqual([])
    expect(miscalibrated({ rows: 1e6, probability: 0.6, share: 0.649 })).toEqual([])
    expect(miscalibrated({ rows: 1e6, probability: 0.6, share: 0.651 })).toHaveLength(1)
    expect(calibrationFindings(classes({}), 'The model')).toEqual([])
  })
})

describe('scores', () => {
  /** Classes by the rows that are right and wrong. */
  function counted(...confusion: number[][]) {
    const per_class = confusion.map((row, i) => {
      const support = row.reduce((sum, n) => sum + n, 0)
      return { label: 'abcde'.charAt(i), precision: 0, recall: (row[i] ?? 0) / support, f1: 0, support }
    })
    return { name: 'y', per_class, confusion }
  }
  type FoundOptions = {
    readonly on?: string
    readonly rows?: number
    readonly recorded?: Readonly<Record<string, number>>
    readonly metrics?: Readonly<Record<string, number>>
    readonly analyzed?: OutputAnalysis
  }
  function found(
    confusion: number[][],
    { on = 'test', rows = 1000, recorded = {}, metrics = {}, analyzed = classes({}) }: FoundOptions = {},
  ): string[] {
    const evaluated = {
      rows,
      on,
      metrics,
      outputs: [counted(...confusion)],
      analysis: { outputs: [analyzed] },
    }
    return scoreFindings(evaluated, recorded).map(({ text }) => text)
  }
  const GOOD = [
    [90, 10],
    [5, 45],
  ]

  it('of a good model on test rows are no finding', () => {
    expect(found(GOOD)).toEqual([])
  })

  it('that are no better than always saying the largest class are named', () => {
    const guess = 'The model is no better than always saying a'
    const guessed = [
      [90, 10],
      [40, 10],
    ]
    expect(found(guessed)).toEqual([`${guess}: 67 % of the rows are right, and 67 % are a.`])
    const better = [
      [91, 9],
      [40, 10],
    ]
    expect(found(better)).toEqual([expect.stringMatching(/^Most rows of b are missed: 10 of 50 rows are/)])
    const [told] = scoreFindings(
      {
        rows: 1000,
        on: 'test',
        metrics: {},
        outputs: [counted(...guessed)],
        analysis: { outputs: [classes({ roc_auc: 0.7 })] },
      },
      {},
    )
    expect(told?.advice).toMatch(/tell the classes apart all the same \(ROC AUC 0.7000\)/)
  })

  it('of a class that is mostly missed are named, unless it has few rows', () => {
    const others = [
      [98, 2, 0],
      [1, 49, 0],
    ]
    expect(found([...others, [3, 3, 4]])).toEqual(['Most rows of c are missed: 4 of 10 rows are found.'])
    expect(found([...others, [3, 2, 5]])).toEqual([])
    expect(found([...others, [2, 1, 1]])).toEqual([])
    expect(found([...others, [4, 0, 1]])).toEqual(['Most rows of c are missed: 1 of 5 rows is found.'])
  })

  it('of classes that are missed are named for the worst three', () => {
    const bad = [
      [98, 0, 0, 2, 0],
      [6, 4, 0, 0, 0],
      [9, 0, 1, 0, 0],
      [7, 0, 0, 3, 0],
      [8, 0, 0, 0, 2],
    ]
    expect(found(bad).map((text) => text.slice(0, 30))).toEqual([
      'Most rows of c are missed: 1 o',
      'Most rows of e are missed: 2 o',
      'Most rows of d are missed: 3 o',
    ])
  })

  it('of numbers that a constant predicts as well are named, the worst three of them', () => {
    const guessed = (...errors: number[]): string[] => found(GOOD, { analyzed: numbers(...errors) })
    expect(guessed(0.1, 0.4)).toEqual([])
    expect(guessed(0.1, 0.6)).toEqual(['Predictions of y1 (R² -0.4400) are no better than its mean.'])
    expect(guessed(0.6, 0.9, 0.7)).toEqual([
      'Predictions of y1 (R² -2.240), y2 (R² -0.9600), y0 (R² -0.4400) are no better than their means.',
    ])
    expect(guessed(0.6, 0.9, 0.7, 0.8)).toEqual([
      'Predictions of y1 (R² -2.240), y3 (R² -1.560), y2 (R² -0.9600) and 1 more are no better than their means.',
    ])
  })

  it('over rows of one class, over training rows and over few rows say little', () => {
    expect(
      found([
        [50, 0],
        [0, 0],
      ]),
    ).toEqual(['All rows are a: they do not show whether the model tells the classes apart.'])
    expect(found(GOOD, { on: 'train' })).toEqual([
      'The metrics are over the rows that the model was trained on: there are no others.',
    ])
    expect(found(GOOD, { rows: 100 })).toEqual([])
    expect(found(GOOD, { rows: 99 })).toEqual([
      'The metrics are over 99 rows only: the confidence intervals show how far other rows may differ.',
    ])
    expect(found(GOOD, { rows: 1 })).toEqual([
      'The metrics are over 1 row only: they say almost nothing about other rows.',
    ])
  })

  it('of test rows are compared with those of validation rows', () => {
    const recorded = { val_loss: 0.2 }
    expect(found(GOOD, { recorded, metrics: { loss: 0.41 } })).toEqual([
      'Test rows fare worse than validation rows: loss 0.4100 against 0.2000.',
    ])
    expect(found(GOOD, { recorded, metrics: { loss: 0.4 } })).toEqual([])
    expect(found(GOOD, { recorded: { val_loss: 0.01 }, metrics: { loss: 0.1 } })).toEqual([])
    expect(found(GOOD, { recorded, metrics: { loss: 0.5 }, on: 'validation' })).toEqual([])
  })
})
