import type { Evaluation } from '../../experiment/evaluation.ts'
import type { ClassScores, Confusion } from '../../train/confusion.ts'
import { count, counted, shortNumber } from './format.ts'
import { clip, padded, visible, widthOf } from './characters.ts'
import { numbers, table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** Maximum classes of a confusion matrix: a larger one cannot be read. */
const MOST_CLASSES = 20
/** Maximum length of a label in a table. */
const LONGEST_LABEL = 40

/** Metric values, a table of the classes, and the confusion matrix where it is small. */
export function renderEvaluation(
  what: string,
  { rows, metrics, outputs }: Evaluation,
  width: number,
): TerminalText {
  const values = Object.entries(metrics).map(([name, value]) => [visible(name), shortNumber(value)] as const)
  const nameWidth = Math.max(...values.map(([name]) => widthOf(name)))
  return lines([
    `${counted(rows, 'row')} (${what})`,
    ...values.map(([name, value]) => `  ${padded(name, nameWidth)}  ${value}`),
    ...outputs.flatMap(({ name, per_class, confusion }) => [
      '',
      ...(outputs.length > 1 ? [`${name}:`] : []),
      ...classTable(per_class, width),
      ...(per_class.length > MOST_CLASSES ? [] : ['', ...confusionTable(per_class, confusion, width)]),
    ]),
  ])
}

function classTable(classes: readonly ClassScores[], width: number): string[] {
  const rows = classes.map(({ label, precision, recall, f1, support }) => [
    clip(visible(label), LONGEST_LABEL),
    shortNumber(precision),
    shortNumber(recall),
    shortNumber(f1),
    count(support),
  ])
  return table([{ title: 'Class' }, ...numbers('Precision', 'Recall', 'F1', 'Rows')], rows, width)
}

function confusionTable(classes: readonly ClassScores[], confusion: Confusion, width: number): string[] {
  const labels = classes.map(({ label }) => clip(visible(label), LONGEST_LABEL))
  const rows = confusion.map((row, i) => [labels[i] ?? '', ...row.map((n) => (n === 0 ? '·' : count(n)))])
  return table([{ title: 'True \\ predicted' }, ...numbers(...labels)], rows, width)
}

/** The document of `evaluate --json`. */
export function evaluationJson({ rows, metrics, meaning, outputs }: Evaluation) {
  const [only] = outputs
  const values = { rows, metrics, ...meaning.keys }
  if (outputs.length === 1 && only !== undefined) {
    return { ...values, per_class: only.per_class, confusion: only.confusion }
  }
  return { ...values, ...(outputs.length > 0 && { outputs }) }
}
