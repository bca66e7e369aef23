import { describe, expect, it } from 'vitest'

import type { TrainingFinding } from '../../src/components/callbacks/diagnosis/finding.ts'
import { findingsOf } from '../../src/report/findings/findings.ts'
import type { Report, ReportedModel, ReportedRun } from '../../src/report/report.ts'
import { summaryData } from '../../src/report/text/summary.ts'
import { RunRecord } from '../../src/run/record.ts'
import type { RunOverview } from '../../src/run/overview.ts'
import type { ClassesAnalysis } from '../../src/train/analysis/classes.ts'

type RunOptions = {
  readonly state?: RunOverview['state']
  readonly done?: number
  readonly losses?: readonly number[]
  readonly findings?: readonly TrainingFinding[]
}

/** A run of ten epochs, whose loss is level at the end unless a test says otherwise. */
function reportedRun({
  state = 'completed',
  done = 10,
  losses = [9, 5, 3, 2, 1.5, 1, 1, 1, 1, 1],
  findings = [],
}: RunOptions = {}): ReportedRun {
  const record = RunRecord.parse({
    id: 'a',
    nnlab: '1.0.0',
    node: 'v22',
    config: 'm.yaml',
    data_folder: '.',
    state: state === 'killed' ? 'running' : state,
    started: '2026-01-01T00:00:00Z',
    engine: 'compiled',
    arithmetic: 'fma',
    seed: 0,
    data: { sha256: '', rows: { train: 600, validation: 0, test: 200 } },
    steps: 40,
  })
  const { started, engine } = record
  return {
    overview: { run: '/m', state, epochs: { done, wanted: 10 }, started, engine, differing: {} },
    record,
    spec: {},
    config: '',
    epochs: Float64Array.from(losses, (_, i) => i + 1),
    history: new Map([['loss', Float64Array.from(losses)]]),
    findings,
  }
}

/** Labels of `b` that look like `a`. */
function doubtful(name: string): ClassesAnalysis {
  const doubts = [{ label: 'b', looksLike: 'a', rows: 100, doubtful: 50 }]
  return { name, kind: 'classes', classes: ['a', 'b'], curves: [], doubtful: doubts }
}

function counted(name: string, confusion: number[][]) {
  const per_class = confusion.map((row, i) => {
    const support = row.reduce((sum, n) => sum + n, 0)
    return { label: 'ab'.charAt(i), precision: 1, recall: (row[i] ?? 0) / support, f1: 1, support }
  })
  return { name, per_class, confusion }
}

const GOOD = [
  [90, 10],
  [5, 95],
]
const GUESSED = [
  [0, 100],
  [0, 200],
]

function reportedModel(confusions: Readonly<Record<string, number[][]>>): ReportedModel {
  const names = Object.keys(confusions)
  return {
    summary: summaryData({ inputs: [], nodes: [], outputs: [] }, { name: 'm' }),
    evaluation: {
      rows: 200,
      metrics: { loss: 0.5 },
      meaning: { keys: {}, notes: [] },
      notes: [],
      on: 'test',
      outputs: names.map((name) => counted(name, confusions[name] ?? [])),
      analysis: {
        intervals: {},
        outputs: names.map(doubtful),
        dependence: [],
        worst: [],
        sourceRow: new Uint32Array(),
      },
    },
  }
}

function texts(report: Partial<Report> = {}): string[] {
  return findingsOf({ runs: [reportedRun()], ...report }).map(({ text }) => text)
}

const DOUBTED = /^Labels of b may be wrong/

describe('the findings of a report', () => {
  it('are none of a good run, and of several', () => {
    expect(texts()).toEqual([])
    const run = reportedRun({ state: 'failed' })
    expect(texts({ runs: [run] })).toEqual(['The run failed.'])
    expect(texts({ runs: [run, run] })).toEqual([])
    expect(texts({ runs: [] })).toEqual([])
  })

  it.each([
    ['running', 'The run is still training.'],
    ['interrupted', 'The run was interrupted: it can be resumed with `nnlab train --resume`.'],
    ['killed', 'The run was killed: it can be resumed with `nnlab train --resume`.'],
    ['diverged', 'The run diverged: its loss became NaN or infinite after 40 steps.'],
  ] as const)('name how a run ended: %s', (state, text) => {
    const [found, ...others] = findingsOf({ runs: [reportedRun({ state, done: 5 })] })
    expect(found).toMatchObject({ severity: 'serious', text })
    expect(found?.advice === undefined).toBe(state !== 'diverged')
    expect(others).toEqual([])
  })

  it('put what is serious before notes', () => {
    const model = { ...reportedModel({}), hasOtherData: true }
    expect(texts({ model, lacking: 'its rows are gone' })).toEqual([
      expect.stringMatching(/^The data are not those that the model was trained on/),
      'The model could not be analyzed: its rows are gone',
    ])
  })

  it('doubt the labels of a model, unless it guesses or diverged', () => {
    const model = reportedModel({ y: GOOD })
    expect(texts({ model })).toEqual([expect.stringMatching(DOUBTED)])
    expect(texts({ model, runs: [reportedRun({ state: 'diverged' })] })).toHaveLength(1)
    const guessing = [expect.stringMatching(/^The model is no better than always saying b/)]
    expect(
      texts({
        model: reportedModel({
          y: GUESSED,
        }),
      }),
    ).toEqual(guessing)
    const both = texts({
      model: reportedModel({
        y: GOOD,
        z: GUESSED,
      }),
    })
    expect(both.filter((text) => DOUBTED.test(text))).toHaveLength(1)
  })

  it('say that training ended too early, where it had all its epochs and nothing says more', () => {
    const losses = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    const falling = /^It may underfit: the loss was still falling/
    expect(texts({ runs: [reportedRun({ losses })] })).toEqual([expect.stringMatching(falling)])
    expect(texts({ runs: [reportedRun({ losses, done: 9 })] })).toEqual([])
    const finding = {
      severity: 'note',
      text: 'It underfits.',
      advice: 'Train longer.',
      epoch: 3,
      layers: [],
    } as const
    for (const kind of ['underfitting', 'overfitting'] as const) {
      const findings = [{ ...finding, kind }]
      expect(texts({ runs: [reportedRun({ losses, findings })] })).toEqual(['It underfits.'])
    }
    const dead = [{ ...finding, kind: 'dead_units' as const, text: 'Units are dead.' }]
    expect(texts({ runs: [reportedRun({ losses, findings: dead })] })).toEqual([
      'Units are dead.',
      expect.stringMatching(falling),
    ])
  })
})
