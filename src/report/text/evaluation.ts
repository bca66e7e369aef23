import type { ClassScores, Confusion } from '../../train/confusion.ts'
import type { MetricValues } from '../../components/metrics/metric.ts'
import { count, counted, figure } from './format.ts'
import { table } from './table.ts'

/** What evaluating a model yields; `outputs` are those that tell classes apart. */
export type Evaluation = {
  readonly rows: number
  readonly metrics: MetricValues
  readonly outputs: readonly {
    readonly name: string
    readonly per_class: readonly ClassScores[]
    readonly confusion: Confusion
  }[]
}

/** A wider confusion matrix than this is no longer read, but searched. */
const MOST_CLASSES = 20

/** The figures, a table of the classes, and the confusion matrix where it is small. */
export function renderEvaluation(what: string, { rows, metrics, outputs }: Evaluation): string {
  const width = Math.max(...Object.keys(metrics).map((name) => name.length))
  return [
    `${counted(rows, 'row')} (${what})`,
    ...Object.entries(metrics).map(([name, value]) => `  ${name.padEnd(width)}  ${figure(value)}`),
    ...outputs.flatMap(({ name, per_class, confusion }) => [
      '',
      ...(outputs.length > 1 ? [`${name}:`] : []),
      classTable(per_class),
      ...(per_class.length > MOST_CLASSES ? [] : ['', confusionTable(per_class, confusion)]),
    ]),
    '',
  ].join('\n')
}

function classTable(classes: readonly ClassScores[]): string {
  const rows = classes.map(({ label, precision, recall, f1, support }) => [
    label,
    figure(precision),
    figure(recall),
    figure(f1),
    count(support),
  ])
  return table(['Class', 'Precision', 'Recall', 'F1', 'Rows'], rows, [
    'left',
    'right',
    'right',
    'right',
    'right',
  ])
}

function confusionTable(classes: readonly ClassScores[], confusion: Confusion): string {
  const labels = classes.map(({ label }) => label)
  const rows = confusion.map((row, i) => [labels[i] ?? '', ...row.map((n) => (n === 0 ? '·' : count(n)))])
  return table(['True \\ predicted', ...labels], rows, ['left', ...labels.map(() => 'right' as const)])
}
