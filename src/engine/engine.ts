import { sizeOf } from '../ir/ir.ts'
import type { OutputTask, Task, Unfrozen } from '../step/task.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { Weights } from '../model/weights.ts'
import type { Ranks } from './ranks.ts'

/** Sums over rows from which the loss and the metrics of a split follow, whatever the batches. */
export type MetricSums = {
  readonly rows: number
  readonly steps: number
  /** Sum over batches of the loss times the rows. */
  readonly loss: number
  /** The same for the loss of each output of the model. */
  readonly losses: ReadonlyMap<string, number>
  /** Sums of each metric, by label. */
  readonly metrics: ReadonlyMap<string, Float64Array>
}

export function emptySums(): MetricSums {
  return { rows: 0, steps: 0, loss: 0, losses: new Map(), metrics: new Map() }
}

/** The sums over all batches of some sums, added in their order. */
export function totalOf(all: Iterable<MetricSums>): MetricSums {
  let { rows, steps, loss } = emptySums()
  const losses = new Map<string, number>()
  const metrics = new Map<string, Float64Array>()
  for (const one of all) {
    rows += one.rows
    steps += one.steps
    loss += one.loss
    for (const [name, value] of one.losses) losses.set(name, (losses.get(name) ?? 0) + value)
    for (const [name, values] of one.metrics) {
      const sums = metrics.get(name) ?? new Float64Array(values.length)
      for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + (values[i] ?? 0)
      metrics.set(name, sums)
    }
  }
  return { rows, steps, loss, losses, metrics }
}

/** The outcome of some steps of training. */
export type TrainedSteps = {
  readonly sums: MetricSums
  /** The first step, counted from the epoch's start, whose loss is NaN or infinite; the weights are then of no use. */
  readonly divergedAt?: number
}

/** The optimizer's part of what training goes on from. */
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
  /** The row of the training split that each one is, in the same order; the same numbers where none are given. */
  rows?: Uint32Array
  /** Number of the epoch, from 0: with the row of the split it decides how images are augmented. */
  epoch: number
  batchSize: number
  /** The steps of the epoch to do. */
  first: number
  count: number
  /** Factor on the learning rate. */
  factor: number
  rowWeights?: BatchWeights
  /** Frozen layers that are trained by now. */
  unfrozen?: Unfrozen
}

/** The weight of each row, or of each of its steps, in the loss of every output, or in that of each by its name. */
export type BatchWeights = Float32Array | ReadonlyMap<string, Float32Array>

/** The weights of rows in an output's loss, each repeated for the steps where these have their own; undefined where all are 1. */
export function weightsFor(
  given: BatchWeights | undefined,
  { name, weights: shape = [] }: OutputTask,
  rows: number,
): Float32Array | undefined {
  const weights = given instanceof Float32Array ? given : given?.get(name)
  const size = sizeOf(shape)
  if (weights === undefined || weights.length === rows * size) return weights
  const repeated = new Float32Array(rows * size)
  for (const [row, weight] of weights.entries()) repeated.fill(weight, row * size, (row + 1) * size)
  return repeated
}

/** A model that is being trained or used. */
export interface Session {
  /** Number of threads that share the work; known after the first call that runs the model. */
  readonly threads: number
  /** The vectors of the machine code that computes products; known like `threads`. */
  readonly native: 'avx512' | 'avx2' | 'none'
  /** Milliseconds that a call of `train` should take: a session on the main thread must let timers have their turn. */
  readonly sliceMs: number
  /** Milliseconds that its calls have waited for others to end. */
  readonly waitedMs: number
  weights(): Promise<Map<string, Float32Array>>
  setWeights(weights: Weights): void
  /** Ranks that train together call it together: each has its slice of the slots. */
  optimizer(): Promise<OptimizerState>
  setOptimizer(state: OptimizerState): void
  /** Takes in rows ahead of their use; throws where there is no room for them. */
  load(encoded: EncodedRows): void
  /** Gives the room of rows to those that are loaded after them. */
  unload(encoded: EncodedRows): void
  /** Trains; the sums go on from `sums`, so that they are the same however an epoch is cut into calls. */
  train(steps: TrainSteps, sums?: MetricSums): Promise<TrainedSteps>
  /** Measures all rows, weighted by their sample weights; the sums go on from `sums`. */
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
  /** Decides the bits of the results, with the config and the data. */
  readonly arithmetic: string
  /** With ranks, a session that they train together. */
  open(task: Task, weights: Weights, ranks?: Ranks): Session
}
