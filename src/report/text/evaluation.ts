import type { Analysis } from '../../experiment/analysis.ts'
import type { Evaluation } from '../../experiment/evaluation.ts'
import type { MetricValues } from '../../components/metrics/metric.ts'
import type { ClassScores, Confusion } from '../../train/confusion.ts'
import type { Interval } from '../../train/analysis/intervals.ts'
import type { ThresholdScores } from '../../train/thresholds.ts'
import { analysisJson, analysisLines } from './analysis.ts'
import { count, counted, shortNumber } from './format.ts'
import { clipMiddle, padded, visible, widthOf } from './characters.ts'
import { markdownTable, numbers, terminalTable } from './table.ts'
import type { DrawTable } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum classes of a confusion matrix: a larger one cannot be read. */
const MOST_CLASSES = 20
/** Maximum length of a label in a table. */
const LONGEST_LABEL = 40

export type EvaluationStyle = {
  /** Markdown, or for a terminal of this width. */
  readonly format: 'md' | { readonly width: number }
  /** Shows the decisions of two classes by their threshold. */
  readonly thresholds: boolean
}

type Explained = Evaluation & { readonly analysis?: Analysis }

/** Metric values, a table of the classes, the confusion matrix where it is small, and the analysis where there is one. */
export function renderEvaluation(what: string, evaluation: Explained, style: EvaluationStyle): TerminalText {
  return lines(evaluationLines(what, evaluation, style))
}

/** The same as lines. */
export function evaluationLines(
  what: string,
  { rows, metrics, outputs, analysis }: Explained,
  { format, thresholds: isWanted }: EvaluationStyle,
): string[] {
  const draw = format === 'md' ? markdownTable : terminalTable(format.width)
  return [
    `${counted(rows, 'row')} (${what})`,
    ...(format === 'md'
      ? Object.keys(metrics).length > 0
        ? ['', ...metricTable(metrics, analysis?.intervals)]
        : []
      : metricLines(metrics, analysis?.intervals)),
    ...outputs.flatMap(({ name, per_class, confusion, thresholds = [] }) => [
      '',
      ...(outputs.length > 1 ? [`${name}:`, ...(format === 'md' ? [''] : [])] : []),
      ...classTable(per_class, draw),
      ...(per_class.length > MOST_CLASSES ? [] : ['', ...confusionTable(per_class, confusion, draw)]),
      ...(isWanted && thresholds.length > 0 ? ['', ...thresholdTable(thresholds, draw)] : []),
    ]),
    ...(analysis ? analysisLines(analysis, draw) : []),
  ]
}

function metricLines(metrics: MetricValues, intervals: Analysis['intervals'] = {}): string[] {
  const names = Object.keys(metrics)
  const nameWidth = Math.max(...names.map((name) => widthOf(visible(name))))
  const valueWidth = Math.max(...names.map((name) => shortNumber(metrics[name] ?? NaN).length))
  return Object.entries(metrics).map(([name, value]) => {
    const interval = intervals[name]
    const line = `  ${padded(visible(name), nameWidth)}  ${shortNumber(value)}`
    if (!interval) return line
    return `${padded(line, 4 + nameWidth + valueWidth)}  ${intervalText(interval)} (95 %)`
  })
}

function metricTable(metrics: MetricValues, intervals: Analysis['intervals'] = {}): string[] {
  const rows = Object.entries(metrics).map(([name, value]) => {
    const interval = intervals[name]
    return [name, shortNumber(value), ...(interval ? [intervalText(interval)] : [])]
  })
  const isKnown = Object.keys(intervals).length > 0
  return markdownTable(
    [{ title: 'Metric' }, ...numbers('Value', ...(isKnown ? ['95 % interval'] : []))],
    rows,
  )
}

export function intervalText({ low, high }: Interval): string {
  return `${shortNumber(low)} to ${shortNumber(high)}`
}

function classTable(classes: readonly ClassScores[], draw: DrawTable): string[] {
  const rows = classes.map(({ label, precision, recall, f1, support }) => [
    clipMiddle(visible(label), LONGEST_LABEL),
    shortNumber(precision),
    shortNumber(recall),
    shortNumber(f1),
    count(support),
  ])
  return draw([{ title: 'Class' }, ...numbers('Precision', 'Recall', 'F1', 'Rows')], rows)
}

function confusionTable(classes: readonly ClassScores[], confusion: Confusion, draw: DrawTable): string[] {
  const labels = classes.map(({ label }) => clipMiddle(visible(label), LONGEST_LABEL))
  const rows = confusion.map((row, i) => [labels[i] ?? '', ...row.map((n) => (n === 0 ? '·' : count(n)))])
  return draw([{ title: 'True \\ predicted' }, ...numbers(...labels)], rows)
}

/** Every tenth of the thresholds; all of them are in the JSON document. */
function thresholdTable(thresholds: readonly ThresholdScores[], draw: DrawTable): string[] {
  const rows = thresholds
    .filter((_, i) => i % 10 === 0 && i > 0)
    .map(({ threshold, precision, recall, false_positive_rate }) =>
      [threshold, precision, recall, false_positive_rate].map(shortNumber),
    )
  return draw(numbers('Threshold', 'Precision', 'Recall', 'False positive rate'), rows)
}

/** The document of `evaluate --json`; thresholds are in it where they are asked for. */
export function evaluationJson(
  { rows, metrics, meaning, outputs, analysis }: Explained,
  { thresholds: isWanted }: Pick<EvaluationStyle, 'thresholds'>,
) {
  const shown = outputs.map(({ thresholds, ...output }) => ({
    ...output,
    ...(isWanted && thresholds && { thresholds }),
  }))
  const [only] = shown
  const values = { rows, metrics, ...meaning.keys, ...(analysis && analysisJson(analysis)) }
  if (shown.length === 1 && only !== undefined) {
    const { name: _name, ...output } = only
    return { ...values, ...output }
  }
  return { ...values, ...(shown.length > 0 && { outputs: shown }) }
}
