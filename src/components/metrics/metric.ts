import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'
import type { LossInputs, TargetForm } from '../losses/loss.ts'

/** Logged metric values by name: `loss`, then for several outputs `OUTPUT_loss`, then the metrics. */
export type MetricValues = Readonly<Record<string, number>>

/** Targets and predictions of a batch; `weights` are [batch, ...] like the prediction without its last axis. */
export type MetricInputs = LossInputs & {
  readonly weights: Value
  /** The target less a number near it, one for each unit, where one is known: its squares keep more digits. */
  readonly centered?: Value | undefined
}

/**
 * A value over all rows of a split, whatever the batches: each batch yields sums that add up (in float64), and the value
 * is a function of these sums.
 */
export interface MetricComponent<O extends Options = Options> extends Component<O> {
  readonly target: TargetForm
  /** The thing that it counts: one class of several, each unit as a yes or no, the yeses alone, or none of these. */
  readonly counts: 'class' | 'yes' | 'positive' | 'value'
  /** Present where a shift of both targets and predictions changes nothing. */
  readonly compares?: 'differences'
  /** Present where it divides by the target. */
  readonly divides?: true
  /** The better direction. */
  readonly better: 'higher' | 'lower'
  /** True where only the order of a prediction's units counts, which is the same for logits as for probabilities. */
  readonly ordinal?: true
  /** Throws a ShapeError for predictions of a shape (without the batch axis) that the metric is not defined for. */
  checkPrediction?(config: Configured<O>, prediction: Shape): void
  /** Number of sums for a prediction of this shape without its batch axis. */
  size(config: Configured<O>, prediction: Shape): number
  /** The sums [size] of one batch. */
  update(b: Builder, scored: MetricInputs, config: Configured<O>): Value
  result(sums: ArrayLike<number>, config: Configured<O>): number
}

export function defineMetric<O extends Options>(component: MetricComponent<O>): MetricComponent<O> {
  return component
}
