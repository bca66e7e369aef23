import type { Evaluation } from '../../experiment/evaluation.ts'
import type { ClassScores, Confusion } from '../../train/confusion.ts'
import { count, counted, shortNumber } from './format.ts'
import { table } from './table.ts'

/** Maximum classes of a confusion matrix: a larger one cannot be read. */
const MOST_CLASSES = 20

/** Metric values, a table of the classes, and the confusion matrix where it is small. */
export function renderEvaluation(what: string, { rows, metrics, outputs }: Evaluation): string {
  const width = Math.max(...Object.keys(metrics).map((name) => name.length))
  return [
    `${counted(rows, 'row')} (${what})`,
    ...Object.entries(metrics).map(([name, value]) => `  ${name.padEnd(width)}  ${shortNumber(value)}`),
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
    shortNumber(precision),
    shortNumber(recall),
    shortNumber(f1),
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

/** The document of `evaluate --json`. */
export function evaluationJson({ rows, metrics, outputs }: Evaluation) {
  const [only] = outputs
  if (outputs.length === 1 && only !== undefined) {
    return { rows, metrics, per_class: only.per_class, confusion: only.confusion }
  }
  return { rows, metrics, ...(outputs.length > 0 && { outputs }) }
}
