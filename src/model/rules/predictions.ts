import { ShapeError } from '../../components/shape-error.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { losses } from '../../components/losses/index.ts'
import type { OutputTarget } from './targets.ts'

/** A loss that makes no sense for the shape of its output. */
export function predictionProblems({ loss, lossDoubts, lossPath, shape }: OutputTarget): Problem[] {
  if (shape === undefined || lossDoubts.size > 0) return []
  return shapeProblems(lossPath, () => losses.of(loss).checkPrediction?.(loss, shape))
}

/** The ShapeError that a check throws, as a problem. */
export function shapeProblems(path: ConfigPath, check: () => void): Problem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    return [errorAt('output-shape', [...path, ...error.path], error.message, error.hint)]
  }
}
