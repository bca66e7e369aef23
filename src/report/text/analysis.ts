import type { Analysis, Importance, OutputAnalysis } from '../../experiment/analysis.ts'
import type { ExplainedRow } from '../../experiment/explained-rows.ts'
import type { Cell } from '../../runtime/cell.ts'
import type { Calibration } from '../../train/analysis/calibration.ts'
import type { ClassesAnalysis, Thresholds } from '../../train/analysis/classes.ts'
import type { ClassCurves } from '../../train/analysis/class-curves.ts'
import type { CurvePoints } from '../../train/analysis/decisions.ts'
import type { NumbersAnalysis } from '../../train/analysis/numbers.ts'
import type { LabelsAnalysis } from '../../train/analysis/labels.ts'
import { thinned } from '../thinned.ts'
import { clipMiddle, visible } from './characters.ts'
import { count, counted, definedNumber, knownNumber, leftOut, shortNumber } from './format.ts'
import { labelTable } from './label-table.ts'
import { markdownTable, numbers } from './table.ts'
import type { DrawTable, TableContent } from './table.ts'

/** Columns of importance that are listed, and those of them whose values a wrong row shows. */
const [MOST_COLUMNS, MOST_VALUES] = [15, 4]
/** Maximum characters of a value. */
const LONGEST_VALUE = 24
/** Significant digits of a value. */
const CELL_DIGITS = 6
/** Maximum points of a curve in a JSON document, and of all curves of an output. */
const [MOST_POINTS, MOST_POINTS_OF_ALL] = [500, 10_000]

/** The analysis of predictions: thresholds, calibration, residuals, importance of columns and the worst rows. */
export function analysisLines({ outputs, importance, worst }: Analysis, draw: DrawTable): string[] {
  return [
    ...outputs.flatMap((output) => [
      ...(outputs.length > 1 ? ['', `${output.name}:`] : []),
      ...outputLines(output, draw),
    ]),
    ...(importance ? importanceLines(importance, draw) : []),
    ...worstLines(worst, importance, draw),
  ]
}

function outputLines(output: OutputAnalysis, draw: DrawTable): string[] {
  switch (output.kind) {
    case 'classes':
      return classesLines(output, draw)
    case 'labels':
      return labelsLines(output, draw)
    case 'numbers':
      return residualLines(output, draw)
  }
}

/** A table under a title, which Markdown keeps apart from it. */
function titled(title: string, draw: DrawTable, ...table: Parameters<DrawTable>): string[] {
  return ['', title, ...(draw === markdownTable ? [''] : []), ...draw(...table)]
}

function classesLines(output: ClassesAnalysis, draw: DrawTable): string[] {
  const { curves, roc_auc: area, brier, calibration, thresholds, classes } = output
  const [first] = curves
  const scores = [
    ...(area === undefined ? [] : [`ROC AUC ${shortNumber(area)}`]),
    ...(classes.length === 2 && first ? [`average precision ${shortNumber(first.average_precision)}`] : []),
    ...(brier === undefined ? [] : [`Brier score ${shortNumber(brier)}`]),
  ]
  return [
    ...(scores.length > 0 ? ['', scores.join('  ')] : []),
    ...(thresholds ? thresholdLines(thresholds, draw) : []),
    ...(calibration ? calibrationLines(calibration, draw) : []),
  ]
}

function labelsLines(output: LabelsAnalysis, draw: DrawTable): string[] {
  const { title, columns, rows } = labelTable(output)
  return [
    ...titled(`${title}:`, draw, columns, rows),
    '',
    `Brier score ${shortNumber(output.brier)}`,
    ...calibrationLines(output.calibration, draw),
  ]
}

function thresholdLines({ positive, best_f1, recall }: Thresholds, draw: DrawTable): string[] {
  const row = (title: string, { threshold, precision, recall, f1 }: Thresholds['best_f1']): string[] => [
    title,
    ...[threshold, precision, recall, f1].map(shortNumber),
  ]
  return titled(
    `Thresholds above which ${visible(positive)} is predicted:`,
    draw,
    [{ title: 'For' }, ...numbers('Threshold', 'Precision', 'Recall', 'F1')],
    [row('the best F1', best_f1), ...recall.map(({ wanted, found }) => row(`a recall of ${wanted}`, found))],
  )
}

function calibrationLines({ bins, ece, probability, share }: Calibration, draw: DrawTable): string[] {
  return titled(
    `Calibration: error ${shortNumber(ece)} (mean probability ${shortNumber(probability)}, share that is true ${shortNumber(share)})`,
    draw,
    numbers('Mean probability', 'Share that is true', 'Rows'),
    bins.map(({ rows, ...bin }) => [shortNumber(bin.probability), shortNumber(bin.share), count(rows)]),
  )
}

function residualLines(output: NumbersAnalysis, draw: DrawTable): string[] {
  const { columns, rows } = errorTable(output)
  return titled('Errors, predicted minus true:', draw, columns, rows)
}

/** The errors of each target column. */
export function errorTable({ columns }: NumbersAnalysis): TableContent {
  const titles = ['Mean', 'Mean absolute', 'Root mean square', 'Median', 'Largest', 'R²']
  return {
    columns: [{ title: 'Target' }, ...numbers(...titles)],
    rows: columns.map((one) => [
      one.column,
      ...[
        one.bias,
        one.mean_absolute_error,
        one.root_mean_squared_error,
        one.median_absolute_error,
        one.max_error,
        one.r2,
      ].map(definedNumber),
    ]),
  }
}

function importanceLines({ metric, rows, repeats, columns }: Importance, draw: DrawTable): string[] {
  return [
    ...titled(
      `Importance: worsening of ${visible(metric)} by shuffling a column (${counted(rows, 'row')}, ${repeats} times)`,
      draw,
      [{ title: 'Column' }, ...numbers('Mean', 'Deviation')],
      columns
        .slice(0, MOST_COLUMNS)
        .map(({ column, mean, deviation }) => [column, shortNumber(mean), shortNumber(deviation)]),
    ),
    ...leftOut(columns.length - MOST_COLUMNS, 'column'),
  ]
}

function worstLines(
  worst: readonly ExplainedRow[],
  importance: Importance | undefined,
  draw: DrawTable,
): string[] {
  if (worst.length === 0) return []
  const first = importance?.columns.slice(0, MOST_VALUES).map(({ column }) => column)
  return titled(
    'Rows that the model is most wrong about:',
    draw,
    [
      { title: 'Row' },
      { title: 'True' },
      { title: 'Predicted' },
      ...numbers('Probability'),
      { title: 'Values' },
    ],
    worst.flatMap(({ row, place, outputs, values, arrays }) =>
      outputs.map(({ target, prediction, probability }, i) => [
        i === 0 ? count(row) : '',
        cellText(target),
        cellText(prediction),
        knownNumber(probability),
        i > 0
          ? ''
          : arrays.length > 0
            ? place
            : valuesText(values, first ?? Object.keys(values).slice(0, MOST_VALUES)),
      ]),
    ),
  )
}

function valuesText(values: ExplainedRow['values'], names: readonly string[]): string {
  return names
    .filter((name) => Object.hasOwn(values, name))
    .map((name) => `${name}=${cellText(values[name])}`)
    .join(' ')
}

export function cellText(cell: Cell, longest = LONGEST_VALUE): string {
  if (cell === undefined || cell === '' || Number.isNaN(cell)) return '-'
  if (typeof cell === 'string') return clipMiddle(visible(cell), longest)
  return String(Number(cell.toPrecision(CELL_DIGITS)))
}

/** The keys of `evaluate --explain --json`, with curves of 500 points at most. */
export function analysisJson({ intervals, outputs, importance, dependence, worst }: Analysis) {
  return {
    intervals,
    analysis: outputs.map(outputJson),
    ...(importance && { importance }),
    partial_dependence: dependence,
    worst: worst.map(({ arrays: _arrays, ...row }) => row),
  }
}

function outputJson(output: OutputAnalysis) {
  return output.kind === 'numbers'
    ? {
        ...output,
        columns: output.columns.map(({ truth: _truth, predicted: _predicted, ...errors }) => errors),
      }
    : { ...output, curves: curvesJson(output.curves) }
}

function curvesJson(curves: readonly ClassCurves[]) {
  const most = Math.min(MOST_POINTS, Math.floor(MOST_POINTS_OF_ALL / curves.length))
  const points = ({ x, y }: CurvePoints, xName: string, yName: string) => {
    const kept = thinned(y, most)
    return { [xName]: kept.map((i) => x[i]), [yName]: kept.map((i) => y[i]) }
  }
  return curves.map(({ roc, precision_recall, ...scores }) => ({
    ...scores,
    roc: points(roc, 'false_positive_rate', 'recall'),
    precision_recall: points(precision_recall, 'recall', 'precision'),
  }))
}
