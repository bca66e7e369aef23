import type { Evaluation } from '../../../experiment/evaluation.ts'
import type { Calibration } from '../../../train/analysis/calibration.ts'
import type { ClassCurves } from '../../../train/analysis/class-curves.ts'
import type { ClassesAnalysis } from '../../../train/analysis/classes.ts'
import { count, shortNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { heatMap } from '../chart/heat-map.ts'
import { lineChart, ownColor } from '../chart/line-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'
import type { Card } from '../table.ts'

/** Maximum classes of a confusion matrix, and of a chart of curves: those with the smallest areas. */
const [MOST_CLASSES, MOST_CURVES] = [30, 6]

type Counted = Evaluation['outputs'][number] | undefined

/** Confusion, scores by class, curves, thresholds and calibration of an output. */
export function classesSection(title: string, counted: Counted, analysis: ClassesAnalysis): Html | undefined {
  const { curves, calibration, thresholds, roc_auc, brier, classes } = analysis
  const probability = `mean probability of the ${classes.length === 2 ? 'positive' : 'predicted'} class`
  return section(title, [
    cards([
      ...(counted && counted.per_class.length <= MOST_CLASSES
        ? [{ title: 'Confusion', content: confusion(counted) }]
        : []),
      ...(counted ? [{ title: 'Classes', content: classScores(counted, curves) }] : []),
      ...curveCards({ curves, thresholds, roc_auc, noun: 'classes', all: classes.length }),
      ...(calibration
        ? [{ title: 'Calibration', content: calibrationCard(calibration, { probability, brier }) }]
        : []),
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

type ShownCurves = {
  readonly thresholds?: ClassesAnalysis['thresholds'] | undefined
  readonly curves: readonly ClassCurves[]
  readonly roc_auc: number | undefined
  /** The things that the curves are of, and their number. */
  readonly noun: 'classes' | 'labels'
  readonly all: number
}

/** ROC and precision-recall curves of classes or labels, and the thresholds of two classes. */
export function curveCards({ curves, thresholds, roc_auc, noun, all }: ShownCurves): Card[] {
  if (curves.length === 0) return []
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
      ? markup`<p class="quiet">The ${shown.length} ${noun} with the smallest areas of ${curves.length < all ? `the first ${curves.length}` : all}.</p>`
      : undefined
  const area =
    roc_auc === undefined
      ? ''
      : `, area ${shortNumber(roc_auc)}${curves.length > 1 ? ` (mean of the ${noun})` : ''}`
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
    { title: 'best F1', found: best_f1 },
    ...recall.map(({ wanted, found }) => ({ title: `recall ${wanted}`, found })),
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

export function calibrationCard(
  { bins, ece }: Calibration,
  { probability, brier }: { readonly probability: string; readonly brier: number | undefined },
): Html {
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
