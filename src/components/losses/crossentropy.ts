import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import { EPSILON } from '../epsilon.ts'

export function fromLogitsOption() {
  return z.boolean().default(false).describe('Predictions are logits, not probabilities')
}

/** `label_smoothing` of targets that are yes or no each. */
export function smoothedYesOption() {
  return z.number().min(0).max(1).default(0).describe('How far targets are moved towards 0.5')
}

/** `label_smoothing` of one-hot targets. */
export function smoothedClassesOption() {
  return z.number().min(0).max(1).default(0).describe('Share of the target spread evenly over the classes')
}

/** Targets moved by `smoothing` towards an even choice among `choices`. */
export function smooth(b: Builder, target: Value, smoothing: number, choices: number): Value {
  return smoothing === 0 ? target : b.add(b.mul(target, 1 - smoothing), smoothing / choices)
}

/**
 * -(target * log(prediction) + (1 - target) * log(1 - prediction)), elementwise. Probabilities straight from a sigmoid
 * are compared by their logits, which neither overflow nor lose gradients, as Keras on TensorFlow does.
 */
export function crossentropyOfYes(b: Builder, target: Value, prediction: Value, fromLogits: boolean): Value {
  const logits = fromLogits ? prediction : b.logitsOf(prediction, 'sigmoid')
  if (logits !== undefined) return crossentropyOfLogits(b, target, logits)
  const share = b.clip(prediction, EPSILON, 1 - EPSILON)
  const yes = b.mul(target, b.log(share))
  const no = b.mul(b.sub(1, target), b.log(b.sub(1, share)))
  return b.neg(b.add(yes, no))
}

/**
 * softplus(z) - z * target, elementwise. Of the equal forms z * (1 - target) + softplus(-z) for z >= 0 and
 * softplus(z) - z * target below, each is used where its terms do not cancel.
 */
function crossentropyOfLogits(b: Builder, target: Value, logits: Value): Value {
  const isNegative = b.less(logits, 0)
  const slope = b.select(isNegative, b.neg(target), b.sub(1, target))
  const magnitude = b.mul(logits, b.select(isNegative, -1, 1))
  return b.add(b.mul(logits, slope), b.softplus(b.neg(magnitude)))
}

/** -sum(target * log(prediction)) over the last axis, likewise by the logits of a softmax. */
export function crossentropyOfDistribution(
  b: Builder,
  target: Value,
  prediction: Value,
  fromLogits: boolean,
): Value {
  const logits = fromLogits ? prediction : b.logitsOf(prediction, 'softmax')
  const logarithms = logits ? b.logSoftmax(logits) : b.log(clippedShares(b, prediction))
  return b.neg(b.sum(b.mul(target, logarithms), -1))
}

/** Predictions over their sum along the last axis, away from 0 and 1. */
export function clippedShares(b: Builder, prediction: Value): Value {
  return b.clip(b.div(prediction, b.sum(prediction, -1, true)), EPSILON, 1 - EPSILON)
}
