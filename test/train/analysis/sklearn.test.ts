import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import { inOrder } from '../../../src/data/rows/in-order.ts'
import type { ClassesState, InputState, NumbersState } from '../../../src/runtime/preprocessing.ts'
import { analyzeClasses } from '../../../src/train/analysis/classes.ts'
import { importanceOf } from '../../../src/train/analysis/importance.ts'
import { analyzeLabels, tellsLabels } from '../../../src/train/analysis/labels.ts'
import type { LabelScores } from '../../../src/train/analysis/labels.ts'
import { analyzeNumbers } from '../../../src/train/analysis/numbers.ts'
import { partialDependenceOf } from '../../../src/train/analysis/partial-dependence.ts'
import type { Table } from '../../../src/table/table.ts'
import { expectClose, readGolden } from '../../golden/golden.ts'

const Numbers = z.array(z.number())
const Calibration = z.object({ share: Numbers, probability: Numbers, ece: z.number() })
const Averages = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])
const { binary, several, numbers, columns, labels } = readGolden(
  'analysis',
  z.object({
    binary: z.object({
      truth: Numbers,
      scores: Numbers,
      roc: z.tuple([Numbers, Numbers]),
      roc_auc: z.number(),
      precision_recall: z.tuple([Numbers, Numbers]),
      average_precision: z.number(),
      brier: z.number(),
      best_f1: Numbers,
      recall_90: Numbers,
      calibration: Calibration,
    }),
    several: z.object({
      truth: Numbers,
      probabilities: Numbers,
      roc_auc: z.number(),
      average_precision: Numbers,
      brier: z.number(),
      calibration: Calibration,
    }),
    numbers: z.object({
      truth: Numbers,
      predicted: Numbers,
      bias: z.number(),
      mean_absolute_error: z.number(),
      root_mean_squared_error: z.number(),
      median_absolute_error: z.number(),
      max_error: z.number(),
      r2: z.number(),
    }),
    columns: z.object({
      x: z.array(Numbers),
      y: Numbers,
      orders: z.array(z.array(Numbers)),
      mean: Numbers,
      deviation: Numbers,
      grid: Numbers,
      dependence: Numbers,
    }),
    labels: z.object({
      truth: Numbers,
      scores: Numbers,
      support: Numbers,
      each: z.tuple([Numbers, Numbers, Numbers, Numbers, Numbers]),
      micro: Averages,
      macro: Averages,
      brier: z.number(),
      calibration: Calibration,
    }),
  }),
)

const EXACT = { relative: 1e-9, absolute: 1e-12 }

function classesState(classes: readonly string[]): ClassesState {
  return { kind: 'classes', name: 'y', shape: [classes.length], columns: ['y'], form: 'labels', classes }
}

/** The class of the highest probability of each row. */
function highest(probabilities: readonly number[], classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) => {
    const own = probabilities.slice(row * classes, (row + 1) * classes)
    return own.indexOf(Math.max(...own))
  })
}

function analyzed(truth: readonly number[], probabilities: readonly number[], classes: number) {
  const names = Array.from({ length: classes }, (_, i) => `class ${i}`)
  return analyzeClasses({
    state: classesState(names),
    classes: names,
    steps: 1,
    truth: Int32Array.from(truth),
    indices: highest(probabilities, classes),
    probabilities: Float64Array.from(probabilities),
  })
}

function labeled(truth: readonly number[], predicted: readonly number[], size: number) {
  const columns = Array.from({ length: size }, (_, k) => `label ${k}`)
  const state: NumbersState = {
    kind: 'numbers',
    name: 'y',
    shape: [size],
    columns,
    scalings: [],
    probabilities: 'linear',
  }
  return { state, size, truth: Float64Array.from(truth), predicted: Float64Array.from(predicted) }
}

describe('an analysis equals scikit-learn', () => {
  it('on two classes: curves, areas, thresholds, Brier score', () => {
    const shares = binary.scores.flatMap((score) => [1 - score, score])
    const { curves, roc_auc, brier, thresholds } = analyzed(binary.truth, shares, 2)
    const [{ roc, precision_recall: curve, average_precision } = expect.unreachable()] = curves
    expectClose(roc.x, binary.roc[0], EXACT)
    expectClose(roc.y, binary.roc[1], EXACT)
    expectClose([roc_auc ?? NaN, average_precision], [binary.roc_auc, binary.average_precision], EXACT)
    expectClose(curve.x, binary.precision_recall[0], EXACT)
    expectClose(curve.y, binary.precision_recall[1], EXACT)
    expectClose([brier ?? NaN], [binary.brier], EXACT)
    const found = [thresholds?.best_f1, thresholds?.recall.find(({ wanted }) => wanted === 0.9)?.found]
    for (const [i, [from = NaN, ...scores]] of [binary.best_f1, binary.recall_90].entries()) {
      const { threshold = NaN, precision = NaN, recall = NaN, f1 = NaN } = found[i] ?? {}
      expectClose([precision, recall, f1], scores, EXACT)
      // Rows from scikit-learn's threshold on are those above ours.
      const positive = (isMore: (score: number) => boolean) => binary.scores.filter(isMore).length
      expect(positive((score) => score > threshold)).toBe(positive((score) => score >= from))
    }
  })

  it('on several classes: areas of each against the others, Brier score', () => {
    const { curves, roc_auc, brier } = analyzed(several.truth, several.probabilities, 4)
    expectClose([roc_auc ?? NaN, brier ?? NaN], [several.roc_auc, several.brier], EXACT)
    expectClose(
      curves.map(({ average_precision }) => average_precision),
      several.average_precision,
      EXACT,
    )
  })

  it.each([
    ['two classes', binary, binary.scores.flatMap((score) => [1 - score, score]), 2],
    ['the predicted class of several', several, several.probabilities, 4],
  ] as const)('on the calibration of %s', (_, golden, probabilities, classes) => {
    const { calibration } = analyzed(golden.truth, probabilities, classes)
    expectClose([calibration?.ece ?? NaN], [golden.calibration.ece], EXACT)
    const bins = calibration?.bins ?? []
    expectClose(
      bins.map(({ share }) => share),
      golden.calibration.share,
      EXACT,
    )
    expectClose(
      bins.map(({ probability }) => probability),
      golden.calibration.probability,
      EXACT,
    )
  })

  it('on several labels: scores of each, micro and macro, areas, calibration', () => {
    const output = labeled(labels.truth, labels.scores, 4)
    expect(tellsLabels(output)).toBe(true)
    const { labels: each, micro, macro, brier, calibration } = analyzeLabels(output)
    const numbersOf = (one: LabelScores): number[] =>
      [one.precision, one.recall, one.f1, one.roc_auc, one.average_precision].map((value) => value ?? NaN)
    expect(each.map(({ support }) => support)).toEqual(labels.support)
    for (const [k, one] of each.entries())
      expectClose(
        numbersOf(one),
        labels.each.map((scores) => scores[k] ?? NaN),
        EXACT,
      )
    expectClose(numbersOf(micro), labels.micro, EXACT)
    expectClose(numbersOf(macro), labels.macro, EXACT)
    expectClose([brier, calibration.ece], [labels.brier, labels.calibration.ece], EXACT)
    expectClose(
      calibration.bins.map(({ share }) => share),
      labels.calibration.share,
      EXACT,
    )
  })

  it('on numbers: errors and R²', () => {
    const state: NumbersState = { kind: 'numbers', name: 'y', shape: [1], columns: ['y'], scalings: [] }
    const { columns: found } = analyzeNumbers({
      state,
      size: 1,
      truth: Float64Array.from(numbers.truth),
      predicted: Float64Array.from(numbers.predicted),
    })
    const { truth: _truth, predicted: _predicted, ...wanted } = numbers
    for (const [name, value] of Object.entries(wanted))
      expectClose([Number(Object.entries(found[0] ?? {}).find(([key]) => key === name)?.[1])], [value], EXACT)
  })
})

const inputs: InputState[] = [
  {
    name: 'input',
    shape: [3],
    features: ['a', 'b', 'c'].map((column) => ({ kind: 'number', column })),
  },
]

/** The function of columns that the script measured. */
function predicted({ inputs: [input], rows }: EncodedRows): Float32Array {
  const at = (row: number, column: number): number => input?.data[row * 3 + column] ?? NaN
  return Float32Array.from(
    { length: rows },
    (_, row) => 2 * at(row, 0) - 0.5 * at(row, 1) + at(row, 0) * at(row, 2),
  )
}

describe('the importance of columns', () => {
  const rows = columns.y.length
  const encoded: EncodedRows = {
    rows,
    inputs: [{ name: 'input', shape: [3], data: Float32Array.from(columns.x.flat()) }],
    targets: [],
    sourceRow: inOrder(0, rows),
  }
  const score = async (given: EncodedRows): Promise<number> => {
    const errors = Array.from(predicted(given), (value, row) => Math.abs(value - (columns.y[row] ?? NaN)))
    return -errors.reduce((sum, error) => sum + error, 0) / rows
  }

  it('equals that of scikit-learn for the same shuffles', async () => {
    const names = ['a', 'b', 'c']
    const orderOf = (column: string, repeat: number) =>
      Uint32Array.from(columns.orders[names.indexOf(column)]?.[repeat] ?? [])
    const found = await importanceOf({ unload: () => undefined }, encoded, { inputs, score, orderOf })
    const sorted = names.map((name) => found.find(({ column }) => column === name))
    expectClose(
      sorted.map((one) => one?.mean ?? NaN),
      columns.mean,
      EXACT,
    )
    expectClose(
      sorted.map((one) => one?.deviation ?? NaN),
      columns.deviation,
      EXACT,
    )
    expect(found.map(({ mean }) => mean)).toEqual(found.map(({ mean }) => mean).toSorted((a, b) => b - a))
  })

  it('shuffles whole windows of a column', async () => {
    const windows: EncodedRows = {
      rows: 2,
      inputs: [
        { name: 'input', shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) },
      ],
      targets: [],
      sourceRow: inOrder(0, 2),
    }
    const seen: number[][] = []
    const look = async (given: EncodedRows): Promise<number> => {
      seen.push([...(given.inputs[0]?.data ?? [])])
      return 0
    }
    const orderOf = () => Uint32Array.of(1, 0)
    await importanceOf({ unload: () => undefined }, windows, { inputs, score: look, orderOf })
    expect(seen[1]).toEqual([7, 2, 3, 10, 5, 6, 1, 8, 9, 4, 11, 12])
  })
})

it('partial dependence equals that of scikit-learn', async () => {
  const table: Table = {
    name: 'rows',
    rows: columns.y.length,
    columns: ['a', 'b', 'c'].map((name, k) => ({
      kind: 'number',
      name,
      values: Float64Array.from(columns.x, (row) => row[k] ?? NaN),
    })),
    place: (row) => `rows:${row + 1}`,
  }
  const session = {
    unload: () => undefined,
    predict: async (encoded: EncodedRows) => new Map([['y', predicted(encoded)]]),
  }
  const output: NumbersState = { kind: 'numbers', name: 'y', shape: [1], columns: ['y'], scalings: [] }
  const preprocessing = { version: 2, inputs, outputs: [output], missing: 'error' } as const
  const found = await partialDependenceOf(session, table, preprocessing, 'c', 32)
  expect(found?.values).toEqual(columns.grid)
  expectClose(found?.means[0]?.mean ?? [], columns.dependence, EXACT)
})
