import type { Checkpoints, Keeping } from './checkpoints.ts'
import type { LogFile } from './log-file.ts'
import { WriteError } from './atomic.ts'
import { whenThereIsRoom } from './room.ts'
import type { Waiting } from './room.ts'
import type { CheckpointSpec } from '../spec/schema/fit.ts'
import { parseCadence } from '../spec/schema/duration.ts'
import { hasNonFinite } from '../train/divergence.ts'
import type { Control, Listener } from '../train/loop.ts'
import type { TrainingState } from '../train/training-state.ts'
import { isBetter } from '../components/callbacks/listeners/improvement.ts'

/** By time, checkpoints come no faster than so many times what the last one took. */
const COST = 50
/** After a failure, the next attempt. */
const RETRY_MS = 1000

export type CheckpointingOptions = {
  readonly spec: CheckpointSpec
  readonly store: Checkpoints
  /** Logs whose lengths the training states hold: they must reach the disk before they do. */
  readonly logs: readonly LogFile[]
  /** For a disk without room, when training ends. */
  readonly waiting: Waiting
  readonly note: (text: string) => void
}

/**
 * Commits checkpoints while training goes on: the state is copied in between two steps, and written after that. Where
 * there is no room for one, training goes on and it is tried again. Comes last of the listeners, whose memories it keeps.
 */
export function createCheckpoints({ spec, store, logs, waiting, note }: CheckpointingOptions): Listener {
  const cadence = parseCadence(spec.every)
  const better = isBetter(spec.monitor, spec.mode)
  const keeping: Keeping = {
    last: spec.keep,
    best: spec.best,
    better: (now, than) => better(now[spec.monitor] ?? NaN, than?.[spec.monitor]),
  }
  let stepsPerEpoch = 1
  let committed = performance.now()
  let cost = 0
  let writing: Promise<void> | undefined
  let failure: Error | undefined
  let failed = false
  let last = ''

  const write = async (state: TrainingState): Promise<void> => {
    await Promise.all(logs.map((log) => log.sync()))
    await store.commit(state, keeping)
    last = placeOf(state.epoch, state.sums.steps)
  }
  const commit = async (control: Control): Promise<void> => {
    if (failure !== undefined) throw failure
    if (writing !== undefined) return
    const started = performance.now()
    const state = await control.trainingState()
    if (isBroken(state)) return
    writing = write(state)
      .then(
        () => {
          if (failed) note('there is room again: the checkpoint is written')
          failed = false
        },
        (error: Error) => {
          if (!(error instanceof WriteError)) failure = error
          else if (!failed) note(`${error.message}; training goes on, and it is tried again`)
          failed = true
        },
      )
      .then(() => {
        writing = undefined
        committed = performance.now()
        cost = committed - started
      })
  }
  const timeIsUp = (): boolean => {
    const passed = performance.now() - committed
    if (failed) return passed >= RETRY_MS
    return cadence.unit === 'seconds' && passed >= Math.max(1000 * cadence.every, COST * cost)
  }

  return {
    nextStep: (steps) =>
      cadence.unit === 'steps' ? (Math.floor(steps / cadence.every) + 1) * cadence.every : Infinity,
    onTrainBegin(plan) {
      stepsPerEpoch = plan.stepsPerEpoch
      committed = performance.now()
      const epoch = Math.floor(plan.stepsDone / stepsPerEpoch)
      last = placeOf(epoch, plan.stepsDone - epoch * stepsPerEpoch)
    },
    async onProgress(epoch, steps, _figures, control) {
      const total = epoch * stepsPerEpoch + steps
      if ((cadence.unit === 'steps' && total % cadence.every === 0) || timeIsUp()) await commit(control)
    },
    async onEpochEnd(epoch, metricValues, control) {
      const due = cadence.unit === 'epochs' && (epoch + 1) % cadence.every === 0
      if (due || timeIsUp() || store.isAmongBest(metricValues, keeping)) await commit(control)
    },
    async onStop(control) {
      await writing
      const state = await control.trainingState()
      const there = placeOf(state.epoch, state.sums.steps) === last
      if (!there && !isBroken(state)) await whenThereIsRoom(() => write(state), waiting)
    },
    async close() {
      await writing
      if (failure !== undefined) throw failure
    },
  }
}

function placeOf(epoch: number, steps: number): string {
  return `${epoch}-${steps}`
}

/** Whether its weights are lost, as the loss of the next step will show. */
function isBroken({ weights }: TrainingState): boolean {
  return [...weights.values()].some(hasNonFinite)
}
