import type { LabelScores, LabelsAnalysis } from '../../train/analysis/labels.ts'
import { count, knownNumber, shortNumber } from './format.ts'
import { numbers } from './table.ts'
import type { TableContent } from './table.ts'

/** Maximum labels that are listed. */
const MOST_LABELS = 30

/** The scores of each label, of many those with the lowest F1, and of all of them together. */
export function labelTable({
  labels,
  micro,
  macro,
  threshold,
}: LabelsAnalysis): TableContent & { readonly title: string } {
  const isMany = labels.length > MOST_LABELS
  const shown = isMany ? labels.toSorted((a, b) => a.f1 - b.f1).slice(0, MOST_LABELS) : labels
  const which = isMany ? `The ${MOST_LABELS} labels with the lowest F1 of ${count(labels.length)}` : 'Labels'
  return {
    title: `${which}, predicted above a probability of ${threshold}`,
    columns: [
      { title: 'Label' },
      ...numbers('Precision', 'Recall', 'F1', 'ROC AUC', 'Average precision', 'Rows'),
    ],
    rows: [
      ...shown.map((one) => rowOf(one, one.label)),
      rowOf(micro, 'all decisions (micro)'),
      rowOf(macro, 'mean of the labels (macro)'),
    ],
  }
}

function rowOf(
  { precision, recall, f1, roc_auc: area, average_precision: average, support }: LabelScores,
  title: string,
): string[] {
  const known = [area, average].map((value) => knownNumber(value, '-'))
  return [title, ...[precision, recall, f1].map(shortNumber), ...known, count(support)]
}
