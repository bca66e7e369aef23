import type { Checkpoints, CheckpointKeeping } from './checkpoints.ts'
import type { LogFile } from './log-file.ts'
import { WriteError } from './atomic.ts'
import { whenThereIsRoom } from './room.ts'
import type { RoomWaiting } from './room.ts'
import type { CheckpointSpec } from '../spec/schema/fit.ts'
import { parseCadence } from '../spec/schema/duration.ts'
import { hasNonFinite } from '../train/divergence.ts'
import type { TrainingControl } from '../train/loop.ts'
import type { TrainingState } from '../train/training-state.ts'
import { isBetter } from '../components/callbacks/improvement.ts'
import type { Directions } from '../components/callbacks/improvement.ts'
import type { Listener, TrainingPlan } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'

/** Interval that `auto` means, and how many times as long as one takes to write it is at least. */
const AUTO_MS = 10_000
const AUTO_FACTOR = 50
/** Pause after a checkpoint that found no room. */
const RETRY_MS = 1000

export type CheckpointingOptions = {
  readonly spec: CheckpointSpec
  readonly directions: Directions
  readonly store: Checkpoints
  /** Logs whose lengths a checkpoint records: they must reach the disk before it does. */
  readonly logs: readonly LogFile[]
  /** Waits for room on the disk when training ends. */
  readonly waiting: RoomWaiting
  /** Receives messages about a disk without room, and when there is room again. */
  readonly onDiskFull: (message: string) => void
}

/**
 * Commits checkpoints while training continues: the state is copied between two steps and written after that. Where
 * there is no room for one, training continues and it is tried again. Comes last of the listeners, whose memories it
 * keeps.
 */
export class CheckpointListener implements Listener<TrainingControl> {
  readonly #options: CheckpointingOptions
  readonly #cadence: ReturnType<typeof parseCadence>
  readonly #keeping: CheckpointKeeping
  #stepsPerEpoch = 1
  /** Position of the last checkpoint. */
  #position = ''
  /** The checkpoint that is being written. */
  #writing: Promise<void> | undefined
  #lastStart = performance.now()
  #lastEnd = performance.now()
  /** The last checkpoint found no room. */
  #lacksRoom = false
  /** An error that ends training. */
  #failure: Error | undefined

  constructor(options: CheckpointingOptions) {
    const { every, keep, best, monitor } = options.spec
    const better = isBetter(options.spec, options.directions)
    this.#options = options
    this.#cadence = parseCadence(every)
    this.#keeping = {
      last: keep,
      best,
      better: (now, than) => better(now[monitor] ?? NaN, than?.[monitor]),
    }
  }

  nextStep(steps: number): number {
    const cadence = this.#cadence
    return cadence.unit === 'steps' ? (Math.floor(steps / cadence.every) + 1) * cadence.every : Infinity
  }

  onTrainBegin({ stepsPerEpoch, stepsDone }: TrainingPlan): void {
    const epoch = Math.floor(stepsDone / stepsPerEpoch)
    this.#stepsPerEpoch = stepsPerEpoch
    this.#position = positionOf(epoch, stepsDone - epoch * stepsPerEpoch)
    this.#lastStart = this.#lastEnd = performance.now()
  }

  async onProgress(
    epoch: number,
    steps: number,
    _values: MetricValues,
    control: TrainingControl,
  ): Promise<void> {
    if (this.#isDue('steps', epoch * this.#stepsPerEpoch + steps) || this.#isTimeUp())
      await this.#commit(control)
  }

  async onEpochEnd(epoch: number, values: MetricValues, control: TrainingControl): Promise<void> {
    const isDue = this.#isDue('epochs', epoch + 1) || this.#options.store.isAmongBest(values, this.#keeping)
    if (isDue || this.#isTimeUp()) await this.#commit(control)
  }

  async onStop(control: TrainingControl): Promise<void> {
    await this.#writing
    const state = await control.trainingState()
    const isWritten = positionOf(state.epoch, state.sums.steps) === this.#position
    if (!isWritten && !isBroken(state)) await whenThereIsRoom(() => this.#write(state), this.#options.waiting)
  }

  async close(): Promise<void> {
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  #isDue(unit: 'epochs' | 'steps', done: number): boolean {
    return this.#cadence.unit === unit && done % this.#cadence.every === 0
  }

  #isTimeUp(): boolean {
    const now = performance.now()
    if (this.#cadence.unit === 'seconds' && !this.#lacksRoom) {
      return now - this.#lastStart >= 1000 * this.#cadence.every
    }
    if (this.#writing !== undefined) return false
    const passed = now - this.#lastEnd
    if (this.#lacksRoom) return passed >= RETRY_MS
    if (this.#cadence.unit !== 'auto') return false
    return passed >= Math.max(AUTO_MS, AUTO_FACTOR * (this.#lastEnd - this.#lastStart))
  }

  /** Waits until the checkpoint before is written, copies the state and begins to write it. */
  async #commit(control: TrainingControl): Promise<void> {
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure
    this.#lastStart = performance.now()
    const state = await control.trainingState()
    if (isBroken(state)) return
    this.#writing = this.#tryToWrite(state).then(() => {
      this.#writing = undefined
      this.#lastEnd = performance.now()
    })
  }

  /** Writes a checkpoint while training continues; a failure is kept, or noted where it only lacks room. */
  async #tryToWrite(state: TrainingState): Promise<void> {
    const { onDiskFull } = this.#options
    try {
      await this.#write(state)
      if (this.#lacksRoom) onDiskFull('there is room again: the checkpoint was written')
      this.#lacksRoom = false
    } catch (error) {
      if (!(error instanceof Error)) throw error
      if (!(error instanceof WriteError)) this.#failure = error
      else if (!this.#lacksRoom) onDiskFull(`${error.message}; training continues, and it will be retried`)
      this.#lacksRoom = true
    }
  }

  async #write(state: TrainingState): Promise<void> {
    const { logs, store } = this.#options
    await Promise.all(logs.map((log) => log.sync()))
    await store.commit(state, this.#keeping)
    this.#position = positionOf(state.epoch, state.sums.steps)
  }
}

function positionOf(epoch: number, steps: number): string {
  return `${epoch}-${steps}`
}

/** True where weights are NaN or infinite, as the loss of the next step will be. */
function isBroken({ weights }: TrainingState): boolean {
  return [...weights.values()].some(hasNonFinite)
}
