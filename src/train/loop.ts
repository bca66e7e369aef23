import type { TrainingFinding } from '../components/callbacks/diagnosis/finding.ts'
import type { Control, Ending, KeptEpoch, Listener, TrainingPlan } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import { learningRateAt } from '../step/learning-rate.ts'
import { averagedWeights } from '../step/update.ts'
import { matchesLayer } from '../glob.ts'
import { isTrained } from '../model/graph.ts'
import type { Task, Unfrozen } from '../step/task.ts'
import { withUnfrozen } from '../step/unfrozen.ts'

import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { emptySums } from '../engine/engine.ts'
import type { MetricSums, Session } from '../engine/engine.ts'
import type { Ranks } from '../engine/ranks.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { StepDivergedError } from './divergence.ts'
import { evaluateOnRanks } from './evaluate.ts'
import { metricValuesOf } from './metric-values.ts'
import { epochOrder } from './order.ts'
import { rowsOfRank } from './rows-of-rank.ts'
import type { RowWeights } from './row-weights.ts'
import type { TrainingState } from './training-state.ts'

/** Control of training for the listeners that save it. */
export type TrainingControl = Control & {
  /** Returns a copy of everything that training continues from. */
  trainingState(): Promise<TrainingState>
}

type LoopOptions = {
  readonly task: Task
  readonly train: RowSet
  readonly validation?: RowSet | undefined
  readonly batchSize: number
  readonly epochs: number
  /** Default: those of one pass over the rows. */
  readonly stepsPerEpoch?: number | undefined
  readonly shuffle: FitSpec['shuffle']
  readonly rowWeights: RowWeights
  /** The learning rate changes from epoch to epoch. */
  readonly changesRate?: boolean
  readonly listeners: readonly Listener<TrainingControl>[]
  /** Ends training after the current step; its reason, where it is a string, is the reason that training ended. */
  readonly signal: AbortSignal
  /** The processes that train together: they agree on the steps of each call. */
  readonly ranks?: Ranks | undefined
  /** State in which an earlier training of the same task ended. */
  readonly from?: TrainingState | undefined
}

/** Result of a training, including what was done before it was interrupted. */
export type Trained = {
  readonly epochs: number
  readonly steps: number
  readonly seconds: number
  /** Reason that training ended: `completed`, `interrupted` or that of a listener. */
  readonly stopped: string
  /** The epoch whose weights the session now has, from 0, and its metric values. */
  readonly epoch: number
  readonly metricValues: MetricValues
}

/** Trains a session; the order of the rows in each epoch depends on the seed and the epoch only. */
export async function train(session: Session, options: LoopOptions): Promise<Trained> {
  let ending: Ending = 'failed'
  try {
    const trained = await trainEpochs(session, options)
    ending = trained.stopped === 'interrupted' ? 'interrupted' : 'completed'
    return trained
  } finally {
    for (const listener of options.listeners) await listener.close?.(ending)
  }
}

async function trainEpochs(session: Session, options: LoopOptions): Promise<Trained> {
  const { task, epochs, signal, listeners, from } = options
  const stepsPerEpoch = options.stepsPerEpoch ?? stepsPerPass(options)
  const started = performance.now()
  let epoch = from?.epoch ?? 0
  let sums = from?.sums ?? emptySums()
  let metricValues = from?.metricValues ?? {}
  let factor = from?.factor ?? 1
  let rate: number | undefined
  let unfrozen: Unfrozen = new Map()
  let stopped: string | undefined
  let restored: KeptEpoch | undefined
  const seconds = (): number => (from?.seconds ?? 0) + (performance.now() - started) / 1000
  const control: TrainingControl = {
    weights: () => session.weights(),
    trainingState: async () => ({
      epoch,
      sums,
      metricValues,
      factor,
      seconds: seconds(),
      listenerStates: new Map(
        listeners.flatMap(({ name, state }) => (name && state ? [[name, state.save()] as const] : [])),
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
    learningRate: () => rate,
    report: (finding) => tell(listeners, finding),
    async unfreeze(patterns, since) {
      const updates = since ?? (await session.optimizer()).iterations
      for (const name of task.unfreezes ?? [])
        if (matchesLayer(patterns, name)) unfrozen = new Map([...unfrozen, [name, updates]])
      return updates
    },
  }

  if (from !== undefined) restore(session, listeners, from)
  const yieldToEventLoop = eventLoopYielder()
  const call = { steps: 1 }
  const plan = { epochs, stepsPerEpoch, stepsDone: epoch * stepsPerEpoch + sums.steps }
  for (const listener of listeners) await listener.onTrainBegin?.(plan, control)
  while (epoch < epochs && stopped === undefined && !signal.aborted) {
    await trainEpoch(session, options, {
      epoch,
      stepsPerEpoch,
      control,
      call,
      yieldToEventLoop,
      unfrozen,
      from: sums,
      onSums: (next) => void (sums = next),
    })
    if (sums.steps < stepsPerEpoch) break
    metricValues = { ...metricValuesOf(task, sums), ...(await validate(session, options)) }
    sums = emptySums()
    epoch += 1
    rate = rateAfter(options, plan, epoch, factor)
    for (const listener of listeners) await listener.onEpochEnd?.(epoch - 1, metricValues, control)
  }
  stopped ??= epoch >= epochs ? 'completed' : reasonOf(signal)
  for (const listener of listeners) await listener.onStop?.(control)
  await takeAverages(session, withUnfrozen(task, unfrozen))
  for (const listener of listeners) await listener.onTrainEnd?.(control)
  return {
    epochs: epoch,
    steps: epoch * stepsPerEpoch + sums.steps,
    seconds: seconds(),
    stopped,
    epoch: restored?.epoch ?? epoch - 1,
    metricValues: restored?.metricValues ?? metricValues,
  }
}

async function tell(listeners: LoopOptions['listeners'], finding: TrainingFinding): Promise<void> {
  for (const listener of listeners) await listener.onFinding?.(finding)
}

/** The learning rate after some epochs; undefined where it never changes. */
function rateAfter(
  { task, changesRate = false, from }: LoopOptions,
  { stepsPerEpoch, stepsDone }: TrainingPlan,
  epochs: number,
  factor: number,
): number | undefined {
  if (!changesRate) return undefined
  // A fork may start with an optimizer that has made no updates.
  const before = (from?.optimizer.iterations ?? 0) - stepsDone
  return factor * learningRateAt(task.optimizer, before + epochs * stepsPerEpoch)
}

function restore(session: Session, listeners: LoopOptions['listeners'], from: TrainingState): void {
  session.setWeights(from.weights)
  session.setOptimizer(from.optimizer)
  for (const { name, state } of listeners) {
    const saved = from.listenerStates.get(name ?? '')
    if (saved) state?.restore(saved)
  }
}

/** Puts the moving averages of the weights in their place, where the optimizer keeps some. */
async function takeAverages(session: Session, { graph, optimizer }: Task): Promise<void> {
  const trained = graph.nodes.flatMap((node) =>
    node.parameters.filter((parameter) => isTrained(node, parameter)).map(({ id }) => id),
  )
  const averages = averagedWeights(optimizer, trained, (await session.optimizer()).slots)
  if (averages) session.setWeights(new Map([...(await session.weights()), ...averages]))
}

function reasonOf(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'interrupted'
}

type Epoch = {
  readonly epoch: number
  readonly stepsPerEpoch: number
  /** The sums of the steps that were done before. */
  readonly from: MetricSums
  readonly onSums: (sums: MetricSums) => void
  readonly control: TrainingControl
  /** Frozen layers that are trained by now. */
  readonly unfrozen: Unfrozen
  /** The most steps of the next call of the session: as many as its slice has taken. */
  readonly call: { steps: number }
  readonly yieldToEventLoop: () => Promise<void>
}

/** Longest wait of timers, signals and each part of a checkpoint's writing. */
const YIELD_AFTER_MS = 1

/** A function that lets timers, signals and files have their turn once YIELD_AFTER_MS have passed since the last time. */
function eventLoopYielder(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < YIELD_AFTER_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    last = performance.now()
  }
}

function stepsPerPass({ train, batchSize }: Pick<LoopOptions, 'train' | 'batchSize'>): number {
  return Math.ceil(train.rows / batchSize)
}

/** Trains the rest of an epoch, which begins where the one before ended in the passes over the rows. */
async function trainEpoch(session: Session, options: LoopOptions, epoch: Epoch): Promise<void> {
  const steps = stepsPerPass(options)
  const first = epoch.epoch * epoch.stepsPerEpoch
  let sums = epoch.from
  while (sums.steps < epoch.stepsPerEpoch && !options.signal.aborted) {
    const done = first + sums.steps
    const pass = Math.floor(done / steps)
    const from = done - pass * steps
    const end = Math.min(steps, from + epoch.stepsPerEpoch - sums.steps)
    sums = await trainPass(session, options, { ...epoch, from: sums }, { pass, from, end })
  }
}

/** Steps `from` up to `end` of a pass over the training rows. */
type PassPart = { readonly pass: number; readonly from: number; readonly end: number }

/** Trains part of a pass in calls as long as the session likes; ends early where the signal is aborted. */
async function trainPass(
  session: Session,
  { task, train, batchSize, shuffle, rowWeights, listeners, signal, ranks }: LoopOptions,
  { epoch, stepsPerEpoch, from, onSums, control, unfrozen, call, yieldToEventLoop }: Epoch,
  part: PassPart,
): Promise<MetricSums> {
  const order = epochOrder(task.seed, part.pass, train.rows, shuffle)
  const rows = { from: part.from * batchSize, end: Math.min(train.rows, part.end * batchSize), batchSize }
  let sums = from
  const set =
    ranks && train.whole === undefined ? rowsOfRank(train, ranks, task.parts ?? 1, batchSize) : train
  for await (const window of windowsOf(set, order, rows)) {
    const { encoded } = window
    const start = sums.steps
    const end = start + Math.ceil(window.rows.length / batchSize)
    const weights = rowWeights(encoded)
    const batches = {
      ...window,
      epoch: part.pass,
      batchSize,
      unfrozen,
      ...(weights && { rowWeights: weights }),
    }
    session.load(encoded)
    while (sums.steps < end && !signal.aborted) {
      const done = epoch * stepsPerEpoch + sums.steps
      const next = Math.min(...listeners.map((listener) => listener.nextStep?.(done) ?? Infinity))
      const own = Math.min(call.steps, end - sums.steps, next - done)
      const count = ranks ? await ranks.agreeOn(own) : own
      if (count === 0) break
      const started = performance.now() - session.waitedMs
      const first = sums.steps - start
      const trained = await session.train({ ...batches, first, count, factor: control.factor() }, sums)
      if (trained.divergedAt !== undefined) {
        throw new StepDivergedError(epoch, start + trained.divergedAt, stepsPerEpoch)
      }
      onSums((sums = trained.sums))
      const took = Math.max(0.1, performance.now() - session.waitedMs - started)
      call.steps = Math.max(1, Math.floor((count * session.sliceMs) / took))
      const metricValues = metricValuesOf(task, sums)
      for (const listener of listeners) await listener.onProgress?.(epoch, sums.steps, metricValues, control)
      await yieldToEventLoop()
    }
    if (encoded !== train.whole) session.unload(encoded)
    if (signal.aborted) break
  }
  return sums
}

/** The metric values of the validation rows, as `val_` ones. */
async function validate(
  session: Session,
  { task, validation, batchSize, ranks }: LoopOptions,
): Promise<MetricValues | undefined> {
  if (validation === undefined) return undefined
  const metricValues = metricValuesOf(task, await evaluateOnRanks(session, validation, batchSize, ranks))
  return Object.fromEntries(Object.entries(metricValues).map(([name, value]) => [`val_${name}`, value]))
}
