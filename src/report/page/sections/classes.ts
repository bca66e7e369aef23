import type { Evaluation } from '../../../experiment/evaluation.ts'
import type { ClassesAnalysis, ClassCurves } from '../../../train/analysis/classes.ts'
import type { Calibration } from '../../../train/analysis/calibration.ts'
import { count, shortNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { heatMap } from '../chart/heat-map.ts'
import { lineChart, ownColor } from '../chart/line-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'

/** Maximum classes of a confusion matrix, and of a chart of curves: those with the smallest areas. */
const [MOST_CLASSES, MOST_CURVES] = [30, 6]

type Counted = Evaluation['outputs'][number] | undefined

/** Confusion, scores by class, curves, thresholds and calibration of an output. */
export function classesSection(title: string, counted: Counted, analysis: ClassesAnalysis): Html | undefined {
  const { curves, calibration } = analysis
  return section(title, [
    cards([
      ...(counted && counted.per_class.length <= MOST_CLASSES
        ? [{ title: 'Confusion', content: confusion(counted) }]
        : []),
      ...(counted ? [{ title: 'Classes', content: classScores(counted, curves) }] : []),
      ...(curves.length > 0 ? curveCards(analysis) : []),
      ...(calibration ? [{ title: 'Calibration', content: calibrationCard(calibration, analysis) }] : []),
    ]),
  ])
}

function confusion({ per_class, confusion: counts }: NonNullable<Counted>): Html {
  const labels = per_class.map(({ label }) => label)
  return heatMap({ title: 'True classes down, predicted across', rows: labels, columns: labels, counts })
}

/** The scores of all classes; of many, those that the model finds worst, and all of them folded. */
function classScores({ per_class }: NonNullable<Counted>, curves: readonly ClassCurves[]): Html {
  if (per_class.length <= MOST_CLASSES) return classTable('Scores of each class', per_class, curves)
  const worst = per_class
    .filter(({ support }) => support > 0)
    .toSorted((a, b) => a.f1 - b.f1 || b.support - a.support)
    .slice(0, MOST_CLASSES)
  const all = count(per_class.length)
  return markup`${classTable(`The ${worst.length} classes with the lowest F1 of ${all}`, worst, curves)}<details><summary>All ${all} classes</summary>${classTable('Scores of each class', per_class, curves)}</details>`
}

function classTable(
  caption: string,
  per_class: NonNullable<Counted>['per_class'],
  curves: readonly ClassCurves[],
): Html {
  const areas = new Map(curves.map(({ label, roc_auc }) => [label, shortNumber(roc_auc)]))
  return htmlTable(
    caption,
    [{ title: 'Class' }, ...numbers('Precision', 'Recall', 'F1', 'ROC AUC', 'Rows')],
    per_class.map(({ label, precision, recall, f1, support }) => [
      label,
      ...[precision, recall, f1].map(shortNumber),
      areas.get(label) ?? '',
      count(support),
    ]),
  )
}

function curveCards({ curves, thresholds, roc_auc }: ClassesAnalysis): { title: string; content: Html }[] {
  const shown = curves
    .map((curve, i) => ({ ...curve, color: ownColor(i, curves.length) }))
    .toSorted((a, b) => a.roc_auc - b.roc_auc)
    .slice(0, MOST_CURVES)
  const left = curves.length - shown.length
  const areas = shown.map((curve) => `${curve.label} ${shortNumber(curve.roc_auc)}`).join(', ')
  const unit = [0, 1] as const
  const roc = lineChart({
    title: 'Receiver operating characteristic',
    description: `Areas: ${areas}`,
    series: shown.map(({ label, roc, color }) => ({ name: label, ...color, ...roc })),
    x: { label: 'false positive rate', domain: unit },
    y: { label: 'recall', domain: unit },
    diagonal: true,
  })
  const best = thresholds?.best_f1
  const precision = lineChart({
    title: 'Precision and recall',
    description: shown
      .map((one) => `${one.label}: average precision ${shortNumber(one.average_precision)}`)
      .join(', '),
    series: shown.map(({ label, precision_recall: curve, color }) => ({ name: label, ...color, ...curve })),
    x: { label: 'recall', domain: unit },
    y: { label: 'precision', domain: unit },
    ...(best && { marked: { x: best.recall, name: `best F1: above ${shortNumber(best.threshold)}` } }),
  })
  const note =
    left > 0
      ? markup`<p class="quiet">The ${shown.length} classes with the smallest areas of ${curves.length}.</p>`
      : undefined
  const area =
    roc_auc === undefined
      ? ''
      : `, area ${shortNumber(roc_auc)}${curves.length > 1 ? ' (mean of the classes)' : ''}`
  return [
    { title: `ROC${area}`, content: markup`${roc}${note}` },
    { title: 'Precision and recall', content: markup`${precision}${note}` },
    ...(thresholds
      ? [{ title: `Thresholds of ${thresholds.positive}`, content: thresholdTable(thresholds) }]
      : []),
  ]
}

function thresholdTable({ positive, best_f1, recall }: NonNullable<ClassesAnalysis['thresholds']>): Html {
  const all = [
    { title: 'the best F1', found: best_f1 },
    ...recall.map(({ wanted, found }) => ({ title: `a recall of ${wanted}`, found })),
  ]
  return htmlTable(
    `Probabilities above which ${positive} is predicted, as in nnlab predict --threshold`,
    [{ title: 'For' }, ...numbers('Threshold', 'Precision', 'Recall', 'F1')],
    all.map(({ title, found: { threshold, precision, recall: found, f1 } }) => [
      title,
      ...[threshold, precision, found, f1].map(shortNumber),
    ]),
  )
}

function calibrationCard(calibration: Calibration, { classes, brier }: ClassesAnalysis): Html {
  const { bins, ece } = calibration
  const probability =
    classes.length === 2
      ? 'mean probability of the positive class'
      : 'mean probability of the predicted class'
  const chart = lineChart({
    title: 'Reliability of probabilities',
    description: bins
      .map((bin) => `${shortNumber(bin.probability)} predicted, ${shortNumber(bin.share)} true`)
      .join('; '),
    series: [
      {
        name: 'share that is true',
        x: bins.map((bin) => bin.probability),
        y: bins.map(({ share }) => share),
      },
    ],
    x: { label: probability, domain: [0, 1] },
    y: { label: 'share that is true', domain: [0, 1] },
    diagonal: true,
    hasDots: true,
  })
  const score = brier === undefined ? '' : `; Brier score ${shortNumber(brier)}`
  return markup`${chart}<p class="quiet">Expected calibration error ${shortNumber(ece)}${score}. On the dashed line, probabilities say how often something is true.</p>`
}
