import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'

/**
 * Targets that a loss or a metric compares with a prediction [batch, ..., n]:
 * `values` f32 of the prediction's shape; `one_hot` likewise, a distribution over n classes; `index` i32 [batch, ...].
 */
export type TargetForm = 'values' | 'one_hot' | 'index'

export type LossInputs = {
  readonly target: Value
  readonly prediction: Value
  /** target - prediction, where it is known with more digits than a subtraction leaves. */
  readonly difference?: Value | undefined
}

/** Distance of predictions from their targets, one number for each sample. */
export interface LossComponent<O extends Options = Options> extends Component<O> {
  readonly target: TargetForm
  /** Targets in the data: classes, which may be labels, or numbers. */
  readonly kind: 'classes' | 'numbers'
  /** The activation that makes logits the probabilities that it compares; absent where it compares none. */
  readonly probabilities?: 'sigmoid' | 'softmax'
  /** Part of the numbers that counts: their differences, which a shift keeps, or their ratios, which it does not. */
  readonly compares?: 'differences' | 'ratios'
  /** Present where it divides by the target. */
  readonly divides?: true
  /** Throws a ShapeError for predictions of a shape (without the batch axis) that it cannot compare. */
  checkPrediction?(config: Configured<O>, prediction: Shape): void
  /** From a prediction [batch, ..., n] to [batch, ...]; the caller weights and averages. */
  call(b: Builder, compared: LossInputs, config: Configured<O>): Value
}

export function defineLoss<O extends Options>(component: LossComponent<O>): LossComponent<O> {
  return component
}
