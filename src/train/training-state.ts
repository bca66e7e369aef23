import type { MetricSums, OptimizerState } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'
import type { MetricValues } from './metric-values.ts'

/** An epoch that may be returned to; epochs count from 0. */
export type KeptEpoch = {
  readonly weights: Weights
  readonly epoch: number
  readonly metricValues: MetricValues
}

/** What a listener has to remember to go on as if nothing had happened. */
export type ListenerState = {
  readonly values: Readonly<Record<string, number | null>>
  readonly kept?: KeptEpoch | undefined
}

/** All that training goes on from; random numbers depend on the seed and the step only. */
export type TrainingState = {
  /** Whole epochs done. */
  readonly epoch: number
  /** The sums of the epoch that is under way; `sums.steps` are its steps done. */
  readonly sums: MetricSums
  /** Of the last whole epoch. */
  readonly metricValues: MetricValues
  /** On the learning rate. */
  readonly factor: number
  /** Of training so far. */
  readonly seconds: number
  readonly weights: Weights
  readonly optimizer: OptimizerState
  /** By listener name. */
  readonly listenerStates: ReadonlyMap<string, ListenerState>
}

export function copySums({ rows, steps, losses, metrics }: MetricSums): MetricSums {
  return {
    rows,
    steps,
    losses: new Map(losses),
    metrics: new Map(Array.from(metrics, ([name, sums]) => [name, sums.slice()])),
  }
}
