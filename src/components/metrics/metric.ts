import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, Configured, Options } from '../../registry.ts'
import type { Compared, TargetForm } from '../losses/loss.ts'

/** Logged metric values by name: `loss`, then for several outputs `OUTPUT_loss`, then the metrics. */
export type MetricValues = Readonly<Record<string, number>>

/** What a batch is scored by: `weights` are [batch, ...] like the prediction without its last axis. */
export type Scored = Compared & { readonly weights: Value }

/**
 * A figure over all rows of a split, whatever the batches: each batch yields sums that add up (in float64),
 * and the figure is a function of the totals.
 */
export interface MetricComponent<O extends Options = Options> extends Component<O> {
  readonly target: TargetForm
  /** Which way is better. */
  readonly better: 'higher' | 'lower'
  /** Throws a ShapeError for predictions of a shape (without the batch axis) that it makes no sense for. */
  checkPrediction?(config: Configured<O>, prediction: Shape): void
  /** How many sums are kept, for a prediction of this shape without its batch axis. */
  size(config: Configured<O>, prediction: Shape): number
  /** The sums [size] of one batch. */
  update(b: Builder, scored: Scored, config: Configured<O>): Value
  result(sums: ArrayLike<number>, config: Configured<O>): number
}

export function defineMetric<O extends Options>(component: MetricComponent<O>): MetricComponent<O> {
  return component
}
