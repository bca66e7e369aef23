import type { Graph } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import type { TargetKind } from './targets.ts'

/** An output of the model with all that is computed from it. */
export type OutputTask = {
  readonly name: string
  readonly kind: TargetKind
  readonly loss: ComponentConfig
  /** Factor of the loss in the total. */
  readonly lossWeight: number
  readonly metrics: readonly MetricTask[]
}

export type MetricTask = {
  /** As it is logged, without the prefix of a split. */
  readonly label: string
  readonly config: ComponentConfig
  /** Whether class and sample weights weigh it. */
  readonly weighted: boolean
}

/** What an engine executes. */
export type Task = {
  readonly graph: Graph
  readonly outputs: readonly OutputTask[]
  readonly optimizer: ComponentConfig
  readonly seed: number
}
