import type { Component, Configured, Options } from '../../registry.ts'

/** Losses of a trial after its epochs, by their numbers from 1; lower is better. */
export type LossCurve = ReadonlyMap<number, number>

/** Rungs of a trial: the epochs after which it pauses, and is promoted if it is among the best of its bracket there. */
export type Ladder = {
  readonly bracket: number
  /** Epochs of training at each rung but the last, which is the whole training. */
  readonly rungs: readonly number[]
}

/** A way to end trials early that are not promising. */
export interface PrunerComponent<O extends Options = Options> extends Component<O> {
  /** The rungs of a trial, counted from 0, whose whole training takes this number of epochs. */
  ladder?(config: Configured<O>, trial: number, epochs: number): Ladder
  /** Share of the trials on a rung that are promoted. */
  promoted?(config: Configured<O>): number
  /** The loss after an epoch above which a trial ends; undefined where none does. */
  limit?(config: Configured<O>, epoch: number, earlier: readonly LossCurve[]): number | undefined
}

export function definePruner<O extends Options>(component: PrunerComponent<O>): PrunerComponent<O> {
  return component
}
