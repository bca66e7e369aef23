import { bytesOf } from '../bytes-of.ts'
import type { Listener, TrainingPlan } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { TrainingControl } from '../train/loop.ts'
import type { TrainingState } from '../train/training-state.ts'
import type { CheckpointPosition } from './checkpoints.ts'
import type { RunHistory } from './history.ts'

/** An earlier training, as its run folder holds it. */
export type RecordedTraining = {
  readonly history: RunHistory
  /** Positions of its checkpoints, the oldest first. */
  readonly positions: readonly CheckpointPosition[]
  readonly read: (position: CheckpointPosition) => Promise<TrainingState>
  /** Number of steps of the whole training; undefined where it did not end. */
  readonly steps: number | undefined
}

/** Compares a replay with the earlier training: the metric values of each epoch, and each checkpoint. */
export class ReplayComparison implements Listener<TrainingControl> {
  readonly #recorded: RecordedTraining
  readonly #end = new AbortController()
  #stepsPerEpoch = 1
  #difference: string | undefined
  #epochs = 0
  #checkpoints = 0

  constructor(recorded: RecordedTraining) {
    this.#recorded = recorded
  }

  /** The first difference that was found, in words. */
  get difference(): string | undefined {
    return this.#difference
  }

  /** Epochs and checkpoints that are the same in both. */
  get same(): { readonly epochs: number; readonly checkpoints: number } {
    return { epochs: this.#epochs, checkpoints: this.#checkpoints }
  }

  /** Aborted where the earlier training ended, or at the first difference. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  nextStep(done: number): number {
    const { positions, steps = Infinity } = this.#recorded
    const ends = [...positions.map((position) => this.#stepOf(position)), steps]
    return Math.min(...ends.filter((step) => step > done))
  }

  onTrainBegin({ stepsPerEpoch, stepsDone }: TrainingPlan): void {
    this.#stepsPerEpoch = stepsPerEpoch
    this.#endAfter(stepsDone)
  }

  async onProgress(
    epoch: number,
    step: number,
    _values: MetricValues,
    control: TrainingControl,
  ): Promise<void> {
    await this.#compareStates({ epoch, step }, control)
    if (step < this.#stepsPerEpoch) this.#endAfter(this.#stepOf({ epoch, step }))
  }

  async onEpochEnd(epoch: number, metricValues: MetricValues, control: TrainingControl): Promise<void> {
    const logged = this.#recorded.history.epochs.get(epoch + 1)
    for (const [i, [name, value]] of Object.entries(metricValues).entries()) {
      if (logged === undefined || logged[i] === String(value)) continue
      this.#differ(`epoch ${epoch + 1}: ${name} is ${logged[i]} in history.csv and ${value} in the replay`)
      return
    }
    if (logged !== undefined) this.#epochs += 1
    const end = { epoch: epoch + 1, step: 0 }
    await this.#compareStates(end, control)
    this.#endAfter(this.#stepOf(end))
  }

  #stepOf({ epoch, step }: CheckpointPosition): number {
    return epoch * this.#stepsPerEpoch + step
  }

  async #compareStates(at: CheckpointPosition, control: TrainingControl): Promise<void> {
    const { positions, read } = this.#recorded
    if (!positions.some(({ epoch, step }) => epoch === at.epoch && step === at.step)) return
    const difference = differenceOf(await read(at), await control.trainingState())
    if (difference === undefined) this.#checkpoints += 1
    else this.#differ(`${nameOf(at)}: ${difference}`)
  }

  #differ(difference: string): void {
    this.#difference ??= difference
    this.#end.abort()
  }

  #endAfter(done: number): void {
    const { positions, history, steps } = this.#recorded
    const last = positions.at(-1)
    const recorded = Math.max(last ? this.#stepOf(last) : 0, history.last * this.#stepsPerEpoch)
    if (done >= (steps ?? recorded)) this.#end.abort()
  }
}

function nameOf({ epoch, step }: CheckpointPosition): string {
  return step === 0 ? `epoch ${epoch}` : `epoch ${epoch + 1}, step ${step}`
}

function differenceOf(a: TrainingState, b: TrainingState): string | undefined {
  if (a.factor !== b.factor) return `the factor of the learning rate is ${a.factor} and ${b.factor}`
  const arrays = [
    ['the weights', a.weights, b.weights],
    ['the optimizer slots', a.optimizer.slots, b.optimizer.slots],
  ] as const
  for (const [what, before, after] of arrays) {
    for (const [id, numbers] of before) {
      const others = after.get(id)
      if (others === undefined || !sameBits(numbers, others)) return `${what} ${id} differ`
    }
  }
  return undefined
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return bytesOf(a).equals(bytesOf(b))
}
