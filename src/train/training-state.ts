import type { ListenerState } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { MetricSums, OptimizerState } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'

/** Everything that training continues from; random numbers depend on the seed and the step only. */
export type TrainingState = {
  /** Whole epochs done. */
  readonly epoch: number
  /** Sums of the current epoch; `sums.steps` are its steps done. */
  readonly sums: MetricSums
  /** Values of the last whole epoch. */
  readonly metricValues: MetricValues
  /** Factor on the learning rate. */
  readonly factor: number
  /** Time of training so far. */
  readonly seconds: number
  readonly weights: Weights
  readonly optimizer: OptimizerState
  /** By listener name. */
  readonly listenerStates: ReadonlyMap<string, ListenerState>
}
