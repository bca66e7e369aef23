import { averagedWeights } from '../compiler/optimize.ts'
import type { Task } from '../compiler/task.ts'
import type { Dataset } from '../data/dataset.ts'
import { emptyTotals } from '../engine/engine.ts'
import type { Session, Totals } from '../engine/engine.ts'
import { DivergedError } from '../errors.ts'
import type { Weights } from '../model/weights.ts'
import { randomPermutation, stream } from '../random.ts'
import { figuresOf } from './figures.ts'
import type { Figures } from './figures.ts'

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

/** How long training will be. */
export type Plan = { readonly epochs: number; readonly stepsPerEpoch: number }

/** Watches training and may act on it; epochs and steps count from 0. */
export interface Listener {
  onTrainBegin?(plan: Plan): void
  /** After some steps of an epoch: how many are done, and the figures over them. */
  onProgress?(epoch: number, steps: number, figures: Figures): void
  onEpochEnd?(epoch: number, figures: Figures, control: Control): Promise<void> | void
  onTrainEnd?(control: Control): Promise<void> | void
  /** Called last, also where training failed. */
  close?(): void
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
  /** Ends training after the current step. */
  readonly signal: AbortSignal
}

export type Trained = {
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
  /** Why training ended: `completed`, `interrupted` or what a listener said. */
  readonly stopped: string
  /** The epoch whose weights the session now has, from 0, and its figures. */
  readonly epoch: number
  readonly figures: Figures
}

/** Trains a session; the order of the rows in each epoch depends on the seed and the epoch only. */
export async function train(session: Session, options: TrainOptions): Promise<Trained> {
  try {
    return await trainEpochs(session, options)
  } finally {
    for (const listener of options.listeners) listener.close?.()
  }
}

async function trainEpochs(session: Session, options: TrainOptions): Promise<Trained> {
  const { task, batchSize, epochs, signal, listeners } = options
  const stepsPerEpoch = Math.ceil(options.train.rows / batchSize)
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

  for (const listener of listeners) listener.onTrainBegin?.({ epochs, stepsPerEpoch })
  for (let epoch = 0; epoch < epochs && stopped === 'completed'; epoch++) {
    const totals = await trainEpoch(session, options, epoch, factor)
    steps += totals.steps
    if (totals.steps < stepsPerEpoch && signal.aborted) {
      stopped = 'interrupted'
      break
    }
    const figures = { ...figuresOf(task, totals), ...(await validate(session, options)) }
    history.push(figures)
    for (const listener of listeners) await listener.onEpochEnd?.(epoch, figures, control)
    if (signal.aborted) stopped = 'interrupted'
  }
  const averages = averagedWeights(task.optimizer, (await session.optimizer()).slots)
  if (averages) session.setWeights(new Map([...(await session.weights()), ...averages]))
  for (const listener of listeners) await listener.onTrainEnd?.(control)
  const epoch = restored ?? history.length - 1
  return {
    epochs: history.length,
    steps,
    seconds: (performance.now() - started) / 1000,
    stopped,
    epoch,
    figures: history[epoch] ?? {},
  }
}

/** One pass over the training rows, in turns as long as the session likes; ends early where the signal says so. */
async function trainEpoch(
  session: Session,
  { task, train, batchSize, shuffle, weights, listeners, signal }: TrainOptions,
  epoch: number,
  factor: number,
): Promise<Totals> {
  const order = shuffle
    ? randomPermutation(stream(task.seed, 'shuffle'), epoch, train.rows)
    : Uint32Array.from({ length: train.rows }, (_, i) => i)
  const steps = Math.ceil(train.rows / batchSize)
  const totals = emptyTotals()
  let turn = 1
  while (totals.steps < steps && !signal.aborted) {
    const count = Math.min(turn, steps - totals.steps)
    const started = performance.now()
    const common = { dataset: train, order, batchSize, first: totals.steps, count, factor }
    await session.train({ ...common, ...(weights && { weights }) }, totals)
    if (totals.divergedAt !== undefined) throw diverged(epoch, totals.divergedAt, steps)
    turn = Math.max(1, Math.floor((count * session.turn) / Math.max(0.1, performance.now() - started)))
    for (const listener of listeners) listener.onProgress?.(epoch, totals.steps, figuresOf(task, totals))
    // Timers and signals have their turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
  return totals
}

/** The figures of the validation rows, as `val_` ones. */
async function validate(
  session: Session,
  { task, validation, batchSize }: TrainOptions,
): Promise<Figures | undefined> {
  if (validation === undefined) return undefined
  const figures = figuresOf(task, await session.evaluate(validation, batchSize))
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`val_${name}`, value]))
}

function diverged(epoch: number, step: number, steps: number): DivergedError {
  return new DivergedError(
    `the loss became NaN or infinite in epoch ${epoch + 1}, step ${step + 1} of ${steps}`,
    {
      hint: 'try a smaller learning_rate, scaled features (data.features.scale) or clipnorm in the optimizer',
    },
  )
}
