import type { Task } from '../step/task.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { Weights } from '../model/weights.ts'

/** Sums over rows from which the loss and the metrics of a split follow, whatever the batches. */
export type MetricSums = {
  rows: number
  steps: number
  /** Sum over batches of the loss times the rows, `loss` in total and `loss:OUTPUT`. */
  losses: Map<string, number>
  /** Sums of each metric, by label. */
  metrics: Map<string, Float64Array>
  /** The first step, counted from the epoch's start, whose loss is NaN or infinite; the weights are then of no use. */
  divergedAt?: number
}

/** What an optimizer remembers. */
export type OptimizerState = {
  iterations: number
  /** By `parameter id/slot`. */
  slots: ReadonlyMap<string, Float32Array>
  state: ReadonlyMap<string, number>
}

export type TrainSteps = {
  encoded: EncodedRows
  /** Row numbers in the epoch's order. */
  order: Uint32Array
  /** Which row of the training split each one is, in the same order; the same numbers, where none are given. */
  rows?: Uint32Array
  /** Which epoch it is, from 0: with the row of the split it decides how images are augmented. */
  epoch: number
  batchSize: number
  /** The steps of the epoch to do. */
  first: number
  count: number
  /** Factor on the learning rate. */
  factor: number
  /** The weight of each row in the loss. */
  rowWeights?: Float32Array
}

/** A model that is being trained or used. */
export interface Session {
  /** How many threads share the work; known after the first call that runs the model. */
  readonly threads: number
  /** How long, in ms, a call of `train` should go on: a session on the main thread must let timers have their turn. */
  readonly sliceMs: number
  weights(): Promise<Map<string, Float32Array>>
  setWeights(weights: Weights): void
  optimizer(): Promise<OptimizerState>
  setOptimizer(state: OptimizerState): void
  /** Takes in a data set ahead of its use; throws where there is no room for it. */
  load(encoded: EncodedRows): void
  /** Gives the room of a data set to those that are loaded after it. */
  unload(encoded: EncodedRows): void
  /** Adds to `sums`. */
  train(steps: TrainSteps, sums: MetricSums): Promise<void>
  /** Returns the sums, to which it adds. */
  evaluate(encoded: EncodedRows, batchSize: number, sums?: MetricSums): Promise<MetricSums>
  /** [rows, ...] of each output. */
  predict(encoded: EncodedRows, batchSize: number): Promise<Map<string, Float32Array>>
  dispose(): void
}

/** Something that executes models. */
export interface Engine {
  readonly name: 'compiled' | 'tfjs'
  /** For people: the engine and what it runs on. */
  readonly description: string
  /** What decides the bits of the results, beside the config and the data. */
  readonly arithmetic: string
  open(task: Task, weights: Weights): Session
}

export function emptySums(): MetricSums {
  return { rows: 0, steps: 0, losses: new Map(), metrics: new Map() }
}
