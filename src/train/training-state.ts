import type { ListenerState } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { MetricSums, OptimizerState } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'

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
