import { mean, sum } from '../../statistics.ts'
import { classScores, confusionOf, rowsByClass } from '../confusion.ts'
import type { ClassScores } from '../confusion.ts'
import { brierScore, calibrationOf } from './calibration.ts'
import type { Calibration } from './calibration.ts'
import { classCurves } from './class-curves.ts'
import type { ClassCurves } from './class-curves.ts'
import { decisionsOf } from './decisions.ts'
import { doubtfulLabels } from './doubtful-labels.ts'
import type { DoubtfulLabels } from './doubtful-labels.ts'
import { everyNth } from './numbers.ts'
import type { PredictedNumbers } from './predicted-rows.ts'

/** Scores of one of the labels that a row may have; areas where some rows have it and some lack it. */
export type LabelScores = ClassScores & {
  readonly roc_auc?: number
  readonly average_precision?: number
}

/** The analysis of an output that tells for each of several labels whether a row has it. */
export type LabelsAnalysis = {
  readonly name: string
  readonly kind: 'labels'
  /** The probability above which a row is predicted to have a label. */
  readonly threshold: number
  readonly labels: readonly LabelScores[]
  /** All decisions taken together, and the means over the labels. sklearn: average='micro', 'macro'. */
  readonly micro: LabelScores
  readonly macro: LabelScores
  /** Those of the labels that come first. */
  readonly curves: readonly ClassCurves[]
  /** The squared error of all decisions. */
  readonly brier: number
  readonly calibration: Calibration
  readonly doubtful: readonly DoubtfulLabels[]
}

const THRESHOLD = 0.5
/** Maximum labels with curves. */
const MOST_CURVES = 100
/** The area from which a model tells a label well enough to doubt those that rows have. */
const TOLD_APART = 0.75

/** True for an output that tells for each of several labels whether a row has it: probabilities beside zeros and ones. */
export function tellsLabels({ state, size, truth }: PredictedNumbers): boolean {
  const { probabilities, shape, same_as } = state
  if (probabilities !== 'linear' && probabilities !== 'sigmoid') return false
  return size > 1 && shape.length === 1 && same_as === undefined && truth.every((x) => x === 0 || x === 1)
}

/** The name of each label: its column, or its number in the only one. */
export function namesOfLabels({ state, size }: Pick<PredictedNumbers, 'state' | 'size'>): string[] {
  const { columns } = state
  return Array.from({ length: size }, (_, k) =>
    columns.length === size ? (columns[k] ?? '') : `${columns.join(', ')} ${k + 1}`,
  )
}

/** True where a row is predicted to have a label. */
export function hasLabel(probability: number): boolean {
  return probability > THRESHOLD
}

export function analyzeLabels(output: PredictedNumbers): LabelsAnalysis {
  const { state, size, truth, predicted } = output
  const decisions = namesOfLabels(output).map((label, k): LabelDecisions => ({
    label,
    truth: Int32Array.from(everyNth(truth, size, k)),
    probabilities: everyNth(predicted, size, k),
  }))
  const all = { label: 'micro', truth: Int32Array.from(truth), probabilities: predicted }
  const curves = decisions.map(curvesOf)
  const labels = decisions.map((one, k) => scoresOf(one, curves[k]))
  return {
    name: state.name,
    kind: 'labels',
    threshold: THRESHOLD,
    labels,
    micro: scoresOf(all, curvesOf(all)),
    macro: meanScores(labels),
    curves: curves.filter((one) => one !== undefined).slice(0, MOST_CURVES),
    brier: brierScore(bothSides(predicted), all.truth, 2),
    calibration: calibrationOf(
      predicted,
      Array.from(truth, (x) => x === 1),
    ),
    doubtful: decisions
      .filter((_, k) => (labels[k]?.roc_auc ?? 0) >= TOLD_APART)
      .flatMap(doubtfulOf)
      .toSorted((a, b) => b.doubtful - a.doubtful),
  }
}

/** Decisions whether rows have a label: 1 where it is true, and the probability of that. */
type LabelDecisions = {
  readonly label: string
  readonly truth: Int32Array
  readonly probabilities: Float64Array
}

function curvesOf({ label, truth, probabilities }: LabelDecisions): ClassCurves | undefined {
  const isPositive = Array.from(truth, (one) => one === 1)
  return classCurves(label, decisionsOf({ scores: probabilities, isPositive }))
}

function scoresOf(decisions: LabelDecisions, curves: ClassCurves | undefined): LabelScores {
  const { classes, truth, indices } = asClasses(decisions)
  const [, scores] = classScores(confusionOf(truth, indices, 2), classes, rowsByClass(truth, 2))
  if (scores === undefined) throw new Error('two classes have no second one')
  if (curves === undefined) return scores
  return { ...scores, roc_auc: curves.roc_auc, average_precision: curves.average_precision }
}

function doubtfulOf(decisions: LabelDecisions): DoubtfulLabels[] {
  return doubtfulLabels(asClasses(decisions), bothSides(decisions.probabilities))
}

/** The name of the class of rows without a label. */
export function lacking(label: string): string {
  return `not ${label}`
}

/** Lacking a label and having it as two classes. */
function asClasses({ label, truth, probabilities }: LabelDecisions) {
  const indices = Int32Array.from(probabilities, (one) => Number(hasLabel(one)))
  return { classes: [lacking(label), label], truth, indices }
}

/** The probabilities of lacking and of having a label. */
function bothSides(probabilities: Float64Array): Float64Array {
  const both = new Float64Array(2 * probabilities.length)
  for (const [i, own] of probabilities.entries()) both.set([1 - own, own], 2 * i)
  return both
}

/** The means over the labels; of areas where every label has one. */
function meanScores(labels: readonly LabelScores[]): LabelScores {
  const over = (of: (one: LabelScores) => number | undefined): number =>
    mean(labels.map((one) => of(one) ?? NaN))
  const [area, precision] = [over(({ roc_auc }) => roc_auc), over((one) => one.average_precision)]
  return {
    label: 'macro',
    precision: over((one) => one.precision),
    recall: over(({ recall }) => recall),
    f1: over(({ f1 }) => f1),
    support: sum(labels.map(({ support }) => support)),
    ...(!Number.isNaN(area) && { roc_auc: area, average_precision: precision }),
  }
}
