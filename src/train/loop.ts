import { averagedWeights } from '../step/update.ts'
import type { Task } from '../step/task.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { emptyTotals } from '../engine/engine.ts'
import type { Session, Totals } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { StepDivergedError } from './divergence.ts'
import { evaluateRows } from './evaluate.ts'
import { figuresOf } from './figures.ts'
import type { Figures } from './figures.ts'
import { epochOrder } from './order.ts'
import type { RowWeights } from './row-weights.ts'
import { copyTotals } from './snapshot.ts'
import type { Kept, Memory, Snapshot } from './snapshot.ts'

/** What a listener may do to training. */
export type Control = {
  weights(): Promise<Weights>
  /** A copy of all that training goes on from. */
  snapshot(): Promise<Snapshot>
  /** Ends training after this epoch. */
  stop(reason: string): void
  /** Ends training with the weights of an earlier epoch. */
  restore(kept: Kept): void
  /** The factor on the learning rate. */
  factor(): number
  setFactor(factor: number): void
}

/** How long training will be, and how much of it was done before. */
export type Plan = { readonly epochs: number; readonly stepsPerEpoch: number; readonly stepsDone: number }

/** Watches training and may act on it; epochs count from 0, steps are those done. */
export interface Listener {
  /** Under which its memory is kept. */
  readonly name?: string
  /** What it remembers, and how it is reminded before `onTrainBegin`. */
  readonly memory?: { save(): Memory; restore(memory: Memory): void }
  /** The next step of the whole training at which it wants `onProgress`, which is called at others too. */
  nextStep?(steps: number): number
  onTrainBegin?(plan: Plan, control: Control): Promise<void> | void
  /** After some steps of an epoch: how many are done, and the figures over them. */
  onProgress?(epoch: number, steps: number, figures: Figures, control: Control): Promise<void> | void
  onEpochEnd?(epoch: number, figures: Figures, control: Control): Promise<void> | void
  /** When training ends, before anything is restored: it could go on from here. */
  onStop?(control: Control): Promise<void> | void
  onTrainEnd?(control: Control): Promise<void> | void
  /** Called last, also where training failed. */
  close?(): Promise<void> | void
}

export type TrainOptions = {
  readonly task: Task
  readonly train: RowSet
  readonly validation?: RowSet | undefined
  readonly batchSize: number
  readonly epochs: number
  readonly shuffle: FitSpec['shuffle']
  readonly weights: RowWeights
  readonly listeners: readonly Listener[]
  /** Ends training after the current step; its reason, where it is a text, says why. */
  readonly signal: AbortSignal
  /** Where an earlier training of the same session's task ended. */
  readonly from?: Snapshot | undefined
}

/** What was done, with what was done before it was interrupted. */
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
    for (const listener of options.listeners) await listener.close?.()
  }
}

async function trainEpochs(session: Session, options: TrainOptions): Promise<Trained> {
  const { task, epochs, signal, listeners, from } = options
  const stepsPerEpoch = Math.ceil(options.train.rows / options.batchSize)
  const started = performance.now()
  let epoch = from?.epoch ?? 0
  let totals = from ? copyTotals(from.totals) : emptyTotals()
  let figures = from?.figures ?? {}
  let factor = from?.factor ?? 1
  let stopped: string | undefined
  let restored: Kept | undefined
  const seconds = (): number => (from?.seconds ?? 0) + (performance.now() - started) / 1000
  const control: Control = {
    weights: () => session.weights(),
    snapshot: async () => ({
      epoch,
      totals: copyTotals(totals),
      figures,
      factor,
      seconds: seconds(),
      memories: new Map(
        listeners.flatMap(({ name, memory }) => (name && memory ? [[name, memory.save()] as const] : [])),
      ),
      weights: await session.weights(),
      optimizer: await session.optimizer(),
    }),
    stop: (reason) => void (stopped = reason),
    restore(kept) {
      session.setWeights(kept.weights)
      restored = kept
    },
    factor: () => factor,
    setFactor: (value) => void (factor = value),
  }

  if (from !== undefined) {
    session.setWeights(from.weights)
    session.setOptimizer(from.optimizer)
    for (const { name, memory } of listeners) {
      const saved = from.memories.get(name ?? '')
      if (saved) memory?.restore(saved)
    }
  }
  const breathe = breather()
  const plan = { epochs, stepsPerEpoch, stepsDone: epoch * stepsPerEpoch + totals.steps }
  for (const listener of listeners) await listener.onTrainBegin?.(plan, control)
  while (epoch < epochs && stopped === undefined && !signal.aborted) {
    await trainEpoch(session, options, { epoch, totals, control, breathe })
    if (totals.steps < stepsPerEpoch) break
    figures = { ...figuresOf(task, totals), ...(await validate(session, options)) }
    totals = emptyTotals()
    epoch += 1
    for (const listener of listeners) await listener.onEpochEnd?.(epoch - 1, figures, control)
  }
  stopped ??= epoch >= epochs ? 'completed' : reasonOf(signal)
  for (const listener of listeners) await listener.onStop?.(control)
  const averages = averagedWeights(task.optimizer, (await session.optimizer()).slots)
  if (averages) session.setWeights(new Map([...(await session.weights()), ...averages]))
  for (const listener of listeners) await listener.onTrainEnd?.(control)
  return {
    epochs: epoch,
    steps: epoch * stepsPerEpoch + totals.steps,
    seconds: seconds(),
    stopped,
    epoch: restored?.epoch ?? epoch - 1,
    figures: restored?.figures ?? figures,
  }
}

function reasonOf(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'interrupted'
}

type Epoch = {
  readonly epoch: number
  readonly totals: Totals
  readonly control: Control
  readonly breathe: () => Promise<void>
}

/** Milliseconds for which timers, signals and each part of a checkpoint's writing may wait between two turns. */
const PATIENCE = 1

/** A function that lets timers, signals and files have their turn, where the last is some time ago. */
function breather(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < PATIENCE) return
    await new Promise((resolve) => setImmediate(resolve))
    last = performance.now()
  }
}

/**
 * The rest of one pass over the training rows, in turns as long as the session likes, added to `totals`; ends early
 * where the signal says so.
 */
async function trainEpoch(
  session: Session,
  { task, train, batchSize, shuffle, weights, listeners, signal }: TrainOptions,
  { epoch, totals, control, breathe }: Epoch,
): Promise<void> {
  const order = epochOrder(task.seed, epoch, train.rows, shuffle)
  const steps = Math.ceil(train.rows / batchSize)
  let turn = 1
  for await (const window of windowsOf(train, order, { from: totals.steps * batchSize, batchSize })) {
    const { encoded } = window
    const start = totals.steps
    const end = start + Math.ceil(window.rows.length / batchSize)
    const rowWeights = weights(encoded)
    const { order: places, rows } = window
    const batches = {
      encoded,
      order: places,
      rows,
      epoch,
      batchSize,
      ...(rowWeights && { weights: rowWeights }),
    }
    session.load(encoded)
    while (totals.steps < end && !signal.aborted) {
      const done = epoch * steps + totals.steps
      const next = Math.min(...listeners.map((listener) => listener.nextStep?.(done) ?? Infinity))
      const count = Math.min(turn, end - totals.steps, next - done)
      const started = performance.now()
      const first = totals.steps - start
      await session.train({ ...batches, first, count, factor: control.factor() }, totals)
      if (totals.divergedAt !== undefined) {
        throw new StepDivergedError(epoch, start + totals.divergedAt, steps)
      }
      turn = Math.max(1, Math.floor((count * session.turn) / Math.max(0.1, performance.now() - started)))
      const figures = figuresOf(task, totals)
      for (const listener of listeners) await listener.onProgress?.(epoch, totals.steps, figures, control)
      await breathe()
    }
    if (encoded !== train.whole) session.unload(encoded)
    if (signal.aborted) break
  }
}

/** The figures of the validation rows, as `val_` ones. */
async function validate(
  session: Session,
  { task, validation, batchSize }: TrainOptions,
): Promise<Figures | undefined> {
  if (validation === undefined) return undefined
  const figures = figuresOf(task, await evaluateRows(session, validation, batchSize))
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`val_${name}`, value]))
}
