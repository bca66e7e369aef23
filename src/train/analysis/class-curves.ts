import { areaUnder, averagePrecision, precisionRecallCurve, rocCurve } from './decisions.ts'
import type { CurvePoints, Decisions } from './decisions.ts'

/** A class against all others, or a label that rows have or lack. */
export type ClassCurves = {
  readonly label: string
  readonly roc_auc: number
  readonly average_precision: number
  /** False positive rate and recall. */
  readonly roc: CurvePoints
  /** Recall and precision. */
  readonly precision_recall: CurvePoints
}

/** Undefined where all rows are on one side: there is nothing to tell apart. */
export function classCurves(label: string, decisions: Decisions): ClassCurves | undefined {
  if (decisions.positives === 0 || decisions.negatives === 0) return undefined
  const [roc, curve] = [rocCurve(decisions), precisionRecallCurve(decisions)]
  return {
    label,
    roc_auc: areaUnder(roc),
    average_precision: averagePrecision(curve),
    roc,
    precision_recall: curve,
  }
}
