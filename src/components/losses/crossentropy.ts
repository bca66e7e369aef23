import type { Builder } from '../../compiler/builder.ts'
import type { Value } from '../../compiler/ir.ts'

/** Probabilities are kept this far from 0 and 1, as Keras keeps them. Keras symbol: keras.config.epsilon. */
export const EPSILON = 1e-7

/**
 * -sum(target * log(prediction)) over the last axis. Probabilities straight from a softmax are compared by their logits,
 * which neither overflow nor lose gradients, as Keras on TensorFlow does.
 */
export function crossentropyOfDistribution(
  b: Builder,
  target: Value,
  prediction: Value,
  fromLogits: boolean,
): Value {
  const logits = fromLogits ? prediction : b.logitsOf(prediction, 'softmax')
  return b.neg(b.sum(b.mul(target, logits ? b.logSoftmax(logits) : logProbabilities(b, prediction)), -1))
}

function logProbabilities(b: Builder, prediction: Value): Value {
  const share = b.div(prediction, b.sum(prediction, -1, true))
  return b.log(b.clip(share, EPSILON, 1 - EPSILON))
}
