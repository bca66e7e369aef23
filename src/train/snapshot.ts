import type { OptimizerState, Totals } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'
import type { Figures } from './figures.ts'

/** An epoch that may be returned to; epochs count from 0. */
export type Kept = { readonly weights: Weights; readonly epoch: number; readonly figures: Figures }

/** What a listener has to remember to go on as if nothing had happened. */
export type Memory = {
  readonly values: Readonly<Record<string, number | null>>
  readonly kept?: Kept | undefined
}

/** All that training goes on from; random numbers depend on the seed and the step only. */
export type Snapshot = {
  /** Whole epochs done. */
  readonly epoch: number
  /** The sums of the epoch that is under way; `totals.steps` are its steps done. */
  readonly totals: Totals
  /** Of the last whole epoch. */
  readonly figures: Figures
  /** On the learning rate. */
  readonly factor: number
  /** Of training so far. */
  readonly seconds: number
  readonly weights: Weights
  readonly optimizer: OptimizerState
  /** By the listeners' names. */
  readonly memories: ReadonlyMap<string, Memory>
}

export function copyTotals({ rows, steps, losses, metrics }: Totals): Totals {
  return {
    rows,
    steps,
    losses: new Map(losses),
    metrics: new Map(Array.from(metrics, ([name, sums]) => [name, sums.slice()])),
  }
}
