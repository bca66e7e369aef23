import type { Task } from '../compiler/task.ts'
import type { Dataset } from '../data/dataset.ts'
import { emptyTotals } from '../engine/engine.ts'
import type { Session } from '../engine/engine.ts'
import { DivergedError } from '../errors.ts'
import type { Weights } from '../model/weights.ts'
import { randomPermutation, stream } from '../random.ts'
import { figuresOf } from './figures.ts'
import type { Figures } from './figures.ts'

/** What training says as it goes; epochs and steps count from 0. */
export type TrainEvent =
  | { readonly type: 'begin'; readonly epochs: number; readonly steps: number }
  | { readonly type: 'progress'; readonly epoch: number; readonly step: number; readonly figures: Figures }
  | { readonly type: 'epoch'; readonly epoch: number; readonly figures: Figures; readonly seconds: number }

/** What a listener may do to training. */
export type Control = {
  weights(): Promise<Weights>
  /** Ends training after this epoch. */
  stop(reason: string): void
  /** Ends training with the weights of an earlier epoch. */
  restore(weights: Weights, epoch: number): void
  /** The factor on the learning rate. */
  factor(): number
  setFactor(factor: number): void
}

/** Watches the epochs of a training. */
export interface Listener {
  onEpochEnd?(epoch: number, figures: Figures, control: Control): Promise<void> | void
  onTrainEnd?(control: Control): Promise<void> | void
}

export type TrainOptions = {
  readonly task: Task
  readonly train: Dataset
  readonly validation?: Dataset | undefined
  readonly batchSize: number
  readonly epochs: number
  readonly shuffle: boolean
  /** The weight of each training row in the loss. */
  readonly weights?: Float32Array | undefined
  readonly listeners: readonly Listener[]
  readonly emit: (event: TrainEvent) => void
  /** Ends training after the current step. */
  readonly signal: AbortSignal
}

export type Trained = {
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
  /** Why training ended: `completed`, `interrupted` or what a listener said. */
  readonly stopped: string
  /** The figures of the epoch whose weights the session now has. */
  readonly figures: Figures
}

/** How long the loop keeps the thread before it lets timers and signals have their turn. */
const TURN_MS = 100

/** Trains a session; the order of the rows in each epoch depends on the seed and the epoch only. */
export async function train(session: Session, options: TrainOptions): Promise<Trained> {
  const { task, batchSize, epochs, emit, signal, listeners } = options
  const rows = options.train.rows
  const stepsPerEpoch = Math.ceil(rows / batchSize)
  const history: Figures[] = []
  const started = performance.now()
  let stopped = 'completed'
  let restored: number | undefined
  let factor = 1
  let steps = 0
  const control: Control = {
    weights: () => session.weights(),
    stop: (reason) => void (stopped = reason),
    restore(weights, epoch) {
      session.setWeights(weights)
      restored = epoch
    },
    factor: () => factor,
    setFactor: (value) => void (factor = value),
  }

  emit({ type: 'begin', epochs, steps: stepsPerEpoch })
  for (let epoch = 0; epoch < epochs && stopped === 'completed'; epoch++) {
    const epochStarted = performance.now()
    const order = options.shuffle
      ? randomPermutation(stream(task.seed, 'shuffle'), epoch, rows)
      : Uint32Array.from({ length: rows }, (_, i) => i)
    const totals = emptyTotals()
    let chunk = 1
    while (totals.steps < stepsPerEpoch && !signal.aborted) {
      const count = Math.min(chunk, stepsPerEpoch - totals.steps)
      const turn = performance.now()
      const common = { dataset: options.train, order, batchSize, first: totals.steps, count, factor }
      await session.train({ ...common, ...(options.weights && { weights: options.weights }) }, totals)
      if (totals.divergedAt !== undefined) throw diverged(epoch, totals.divergedAt, stepsPerEpoch)
      chunk = Math.max(1, Math.floor((count * TURN_MS) / Math.max(1, performance.now() - turn)))
      emit({ type: 'progress', epoch, step: totals.steps, figures: figuresOf(task, totals) })
      await new Promise((resolve) => setImmediate(resolve))
    }
    steps += totals.steps
    if (signal.aborted) {
      stopped = 'interrupted'
      break
    }
    const validation =
      options.validation && figuresOf(task, await session.evaluate(options.validation, batchSize))
    const figures = {
      ...figuresOf(task, totals),
      ...(validation &&
        Object.fromEntries(Object.entries(validation).map(([name, value]) => [`val_${name}`, value]))),
    }
    history.push(figures)
    emit({ type: 'epoch', epoch, figures, seconds: (performance.now() - epochStarted) / 1000 })
    for (const listener of listeners) await listener.onEpochEnd?.(epoch, figures, control)
  }
  for (const listener of listeners) await listener.onTrainEnd?.(control)
  const seconds = (performance.now() - started) / 1000
  return {
    epochs: history.length,
    steps,
    seconds,
    stopped,
    figures: history[restored ?? history.length - 1] ?? {},
  }
}

function diverged(epoch: number, step: number, steps: number): DivergedError {
  return new DivergedError(
    `the loss became NaN or infinite in epoch ${epoch + 1}, step ${step + 1} of ${steps}`,
    {
      hint: 'try a smaller learning_rate, scaled features (data.features.scale) or clipnorm in the optimizer',
    },
  )
}
