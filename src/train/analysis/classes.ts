import { positiveIndex } from '../../runtime/preprocessing.ts'
import { mean } from '../../statistics.ts'
import { brierScore, calibrationOf } from './calibration.ts'
import type { Calibration } from './calibration.ts'
import { classCurves } from './class-curves.ts'
import type { ClassCurves } from './class-curves.ts'
import { bestF1, decisionsOf, thresholdOfRecall } from './decisions.ts'
import type { Threshold } from './decisions.ts'
import { doubtfulLabels } from './doubtful-labels.ts'
import type { DoubtfulLabels } from './doubtful-labels.ts'
import { everyNth } from './numbers.ts'
import type { PredictedClasses } from './predicted-rows.ts'

/** Thresholds of the positive class of two. */
export type Thresholds = {
  readonly positive: string
  readonly best_f1: Threshold
  readonly recall: readonly { readonly wanted: number; readonly found: Threshold }[]
}

/** The analysis of an output that distinguishes classes; all but the labels need probabilities. */
export type ClassesAnalysis = {
  readonly name: string
  readonly kind: 'classes'
  readonly classes: readonly string[]
  /** The positive class of two, else each class that has rows, of those that come first. */
  readonly curves: readonly ClassCurves[]
  /** The mean over the classes, each against all others. sklearn: multi_class='ovr'. */
  readonly roc_auc?: number
  readonly brier?: number
  /** Probabilities of the positive class of two, else of the predicted class. */
  readonly calibration?: Calibration
  readonly thresholds?: Thresholds
  readonly doubtful: readonly DoubtfulLabels[]
}

/** Maximum classes with curves. */
const MOST_CURVES = 100
/** Recalls for which a threshold is looked for. */
const RECALLS = [0.8, 0.9, 0.95, 0.99]

export function analyzeClasses(output: PredictedClasses): ClassesAnalysis {
  const { state, classes, truth, probabilities } = output
  const head = { name: state.name, kind: 'classes', classes } as const
  if (!probabilities) return { ...head, curves: [], doubtful: [] }
  const isBinary = classes.length === 2
  const positive = positiveIndex(state)
  const decisions = (index: number) =>
    decisionsOf({
      scores: everyNth(probabilities, classes.length, index),
      isPositive: Array.from(truth, (one) => one === index),
    })
  const wanted = isBinary ? [positive] : [...classes.keys()].slice(0, MOST_CURVES)
  const curves = wanted.flatMap((index) => classCurves(classes[index] ?? '', decisions(index)) ?? [])
  const areas = curves.map(({ roc_auc }) => roc_auc)
  return {
    ...head,
    curves,
    ...(areas.length === (isBinary ? 1 : classes.length) && { roc_auc: mean(areas) }),
    brier: brierScore(probabilities, truth, classes.length),
    calibration: isBinary
      ? calibrationOf(
          everyNth(probabilities, 2, positive),
          Array.from(truth, (index) => index === positive),
        )
      : confidenceCalibration(output, probabilities),
    ...(isBinary && thresholdsOf(classes[positive] ?? '', decisions(positive))),
    doubtful: doubtfulLabels(output, probabilities),
  }
}

function confidenceCalibration(
  { truth, indices, classes }: PredictedClasses,
  probabilities: Float64Array,
): Calibration {
  const confidence = Float64Array.from(indices, (index, row) =>
    index < 0 ? NaN : (probabilities[row * classes.length + index] ?? NaN),
  )
  return calibrationOf(
    confidence,
    Array.from(truth, (index, row) => index === indices[row]),
  )
}

function thresholdsOf(
  positive: string,
  decisions: ReturnType<typeof decisionsOf>,
): { thresholds?: Thresholds } {
  const best = bestF1(decisions)
  if (best === undefined || decisions.positives === 0) return {}
  const recall = RECALLS.flatMap((wanted) => {
    const found = thresholdOfRecall(decisions, wanted)
    return found ? [{ wanted, found }] : []
  })
  return { thresholds: { positive, best_f1: best, recall } }
}
