import { sum } from '../../statistics.ts'
import { share } from './ratio.ts'

/** The weights of right and wrong predictions at one threshold. */
export type Counts = {
  readonly truePositives: number
  readonly falsePositives: number
  readonly trueNegatives: number
  readonly falseNegatives: number
}

type Curve = 'ROC' | 'PR' | 'PRGAIN'
type Summation = 'interpolation' | 'majoring' | 'minoring'
type Point = { readonly x: number; readonly y: number }

/** The area under the curve through the counts, thresholds ascending: x falls from 1 to 0. */
export function area(counts: readonly Counts[], curve: Curve, summation: Summation): number {
  if (curve === 'PR' && summation === 'interpolation') return sum(pairs(counts).map(interpolatedPrecision))
  const points = counts.map(POINT[curve])
  return sum(pairs(points).map(([a, b]) => (a.x - b.x) * HEIGHT[summation](a.y, b.y)))
}

const HEIGHT: Record<Summation, (a: number, b: number) => number> = {
  interpolation: (a, b) => (a + b) / 2,
  majoring: Math.max,
  minoring: Math.min,
}

const POINT: Record<Curve, (counts: Counts) => Point> = {
  ROC: ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) => ({
    x: share(fp, fp + tn),
    y: share(tp, tp + fn),
  }),
  PR: ({ truePositives: tp, falsePositives: fp, falseNegatives: fn }) => ({
    x: share(tp, tp + fn),
    y: share(tp, tp + fp),
  }),
  /** Flach and Kull (2015), without the negative gains of Keras's third case. */
  PRGAIN({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }) {
    const scale = share(tp + fn, tn + fp)
    return tp === 0 ? { x: 0, y: 1 } : { x: Math.max(1 - (scale * fn) / tp, 0), y: 1 - (scale * fp) / tp }
  },
}

/** Davis and Goadrich (2006): between two points true positives grow in proportion to all that is called positive. */
function interpolatedPrecision([a, b]: readonly [Counts, Counts]): number {
  const gained = a.truePositives - b.truePositives
  const [from, to] = [a.truePositives + a.falsePositives, b.truePositives + b.falsePositives]
  const slope = share(gained, Math.max(from - to, 0))
  const intercept = b.truePositives - slope * to
  const logarithm = from > 0 && to > 0 ? Math.log(from / to) : 0
  return share(slope * (gained + intercept * logarithm), Math.max(b.truePositives + b.falseNegatives, 0))
}

function pairs<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((item, i) => {
    const next = items[i + 1]
    return next === undefined ? [] : [[item, next] as const]
  })
}
