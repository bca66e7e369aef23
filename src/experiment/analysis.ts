import { metrics } from '../components/metrics/index.ts'
import { targetSteps } from '../data/fit/window.ts'
import { trueValues } from '../data/prepare/true-values.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { takeFrom } from '../data/rows/picked-rows.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import type { Engine, Session } from '../engine/engine.ts'
import { randomPermutation, stream } from '../random.ts'
import { takeRows } from '../table/columns/sample.ts'
import type { Table } from '../table/table.ts'
import { metricValuesOf } from '../train/metric-values.ts'
import { analyzeClasses } from '../train/analysis/classes.ts'
import type { ClassesAnalysis } from '../train/analysis/classes.ts'
import { featureColumnsOf, importanceOf, REPEATS } from '../train/analysis/importance.ts'
import type { ColumnImportance } from '../train/analysis/importance.ts'
import { intervalsOf } from '../train/analysis/intervals.ts'
import type { Interval } from '../train/analysis/intervals.ts'
import { analyzeLabels, tellsLabels } from '../train/analysis/labels.ts'
import type { LabelsAnalysis } from '../train/analysis/labels.ts'
import { analyzeNumbers, MOST_NUMBERS } from '../train/analysis/numbers.ts'
import type { NumbersAnalysis } from '../train/analysis/numbers.ts'
import { partialDependenceOf } from '../train/analysis/partial-dependence.ts'
import type { PartialDependence } from '../train/analysis/partial-dependence.ts'
import { predictSet, withTruth } from '../train/analysis/predicted-rows.ts'
import type { PredictedClasses, PredictedNumbers, PredictedSet } from '../train/analysis/predicted-rows.ts'
import { explainedRows } from './explained-rows.ts'
import type { ExplainedRow } from './explained-rows.ts'
import type { OpenedModel } from './model.ts'

/** Predictions of a model for some rows, looked at from all sides. */
export type Analysis = {
  /** 95 % confidence intervals of the metric values; none where the rows are on disk. */
  readonly intervals: Readonly<Record<string, Interval>>
  readonly outputs: readonly OutputAnalysis[]
  /** Absent for a model of a single column. */
  readonly importance?: Importance
  readonly dependence: readonly PartialDependence[]
  readonly worst: readonly ExplainedRow[]
  /** The row of the table, from 0, of each row. */
  readonly sourceRow: Uint32Array
}

export type OutputAnalysis = ClassesAnalysis | LabelsAnalysis | NumbersAnalysis

export type Importance = {
  /** The metric that a shuffled column worsens, and its value without. */
  readonly metric: string
  readonly value: number
  readonly rows: number
  readonly repeats: number
  readonly columns: readonly ColumnImportance[]
}

/** Columns with partial dependence, and the rows that it is the mean over. */
const [DEPENDENCE_COLUMNS, DEPENDENCE_ROWS] = [5, 200]
/** Maximum rows that columns are shuffled among, and evaluations of a row in all shuffles of all columns. */
const [IMPORTANCE_ROWS, IMPORTANCE_EVALUATIONS] = [2000, 1_000_000]

/** Analyzes what a model predicts for rows of a table; random choices follow from the seed of its config. */
export async function analyzeModel(
  engine: Engine,
  model: OpenedModel,
  rows: RowSet,
  table: Table,
): Promise<Analysis> {
  const { task, spec } = model
  const session = engine.open(task, model.weights)
  try {
    const predicted = await predictedSet(session, model, rows, table)
    const importance = await columnImportance(session, model, rows)
    return {
      intervals: rows.whole ? await intervalsOf(session, task, rows.whole, spec.seed) : {},
      outputs: predicted.outputs.map(analyzed),
      ...(importance && { importance }),
      dependence: await dependenceOn(session, model, table, predicted.sourceRow, importance),
      worst: explainedRows(predicted, table),
      sourceRow: predicted.sourceRow,
    }
  } finally {
    session.dispose()
  }
}

/** Predictions of a model for rows of a table beside what is true. */
export async function predictedSet(
  session: Session,
  { spec, preprocessing }: OpenedModel,
  rows: RowSet,
  table: Table,
): Promise<PredictedSet> {
  const predicted = await predictSet(session, rows, preprocessing.outputs, spec.fit.batch_size)
  return withTrueValues(predicted, table, targetSteps(preprocessing.window))
}

export function analyzed(output: PredictedSet['outputs'][number]): OutputAnalysis {
  if ('indices' in output) return analyzeClasses(output)
  return tellsLabels(output) ? analyzeLabels(output) : analyzeNumbers(output)
}

/** True numbers as they were read, where a target is a single row of the table. */
function withTrueValues(predicted: PredictedSet, table: Table, steps: number): PredictedSet {
  const read = (output: PredictedClasses | PredictedNumbers): PredictedClasses | PredictedNumbers => {
    if ('indices' in output || steps > 1 || output.size > MOST_NUMBERS) return output
    if (output.state.same_as !== undefined) return output
    return withTruth(output, trueValues(table, predicted.sourceRow, output.state).values)
  }
  return { ...predicted, outputs: predicted.outputs.map(read) }
}

/** Importance of the columns by the first metric of the config, else by the loss. */
async function columnImportance(
  session: Session,
  { task, spec, preprocessing }: OpenedModel,
  set: RowSet,
): Promise<Importance | undefined> {
  const { inputs } = preprocessing
  const columns = featureColumnsOf(inputs).length
  if (columns < 2) return undefined
  const most = Math.floor(IMPORTANCE_EVALUATIONS / (columns * REPEATS))
  const count = Math.min(IMPORTANCE_ROWS, Math.max(100, most))
  const rows = await takeFrom(set, sampledPositions(set.rows, count, spec.seed))
  const [first] = task.outputs.flatMap((output) => output.metrics)
  const name = first?.label ?? 'loss'
  const sign = first && metrics.of(first.config).better === 'higher' ? 1 : -1
  const score = async (encoded: EncodedRows): Promise<number> =>
    sign * (metricValuesOf(task, await session.evaluate(encoded, spec.fit.batch_size))[name] ?? NaN)
  return {
    metric: name,
    value: sign * (await score(rows)),
    rows: rows.rows,
    repeats: REPEATS,
    columns: await importanceOf(session, rows, {
      inputs,
      score,
      orderOf: (column, repeat) =>
        randomPermutation(stream(spec.seed, `analysis/importance/${column}`), repeat, rows.rows),
    }),
  }
}

/** Positions of random rows, in their order; all of them where they are no more. */
function sampledPositions(rows: number, most: number, seed: number): Uint32Array {
  if (rows <= most) return inOrder(0, rows)
  return randomPermutation(stream(seed, 'analysis/sample'), 0, rows).slice(0, most).sort()
}

/** Partial dependence on the most important columns; none for windows of a series, whose rows hang together. */
async function dependenceOn(
  session: Session,
  { preprocessing, spec }: OpenedModel,
  table: Table,
  sourceRow: Uint32Array,
  importance: Importance | undefined,
): Promise<PartialDependence[]> {
  if (preprocessing.window) return []
  const chosen = sampledPositions(sourceRow.length, DEPENDENCE_ROWS, spec.seed)
  const sample = takeRows(
    table,
    chosen.map((position) => sourceRow[position] ?? 0),
  )
  const columns = importance?.columns.map(({ column }) => column) ?? featureColumnsOf(preprocessing.inputs)
  const found: PartialDependence[] = []
  for (const column of columns.slice(0, DEPENDENCE_COLUMNS)) {
    const one = await partialDependenceOf(session, sample, preprocessing, column, spec.fit.batch_size)
    if (one) found.push(one)
  }
  return found
}
