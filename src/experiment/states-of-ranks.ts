// The state of a training on several ranks is in all of them, and rank 0 decides when to save it: at every event it tells the
// others whether they take it together.

import type { Listener } from '../components/callbacks/listener.ts'
import type { Ranks } from '../engine/ranks.ts'
import type { TrainingControl } from '../train/loop.ts'

/** A listener of rank 0 that may take the state of training; the others have `followingOnRanks` in its place. */
export function ledOnRanks(
  listener: Listener<TrainingControl>,
  ranks: Ranks | undefined,
): Listener<TrainingControl> {
  if (ranks === undefined) return listener
  const tell = (takes: boolean): Promise<void> => ranks.broadcast(Uint8Array.of(Number(takes)))
  const lead = async (
    control: TrainingControl,
    event: (control: TrainingControl) => Promise<void> | void,
  ): Promise<void> => {
    const trainingState = async () => {
      await tell(true)
      return control.trainingState()
    }
    await event({ ...control, trainingState })
    await tell(false)
  }
  return {
    nextStep: (steps) => listener.nextStep?.(steps) ?? Infinity,
    onTrainBegin: (plan, control) => listener.onTrainBegin?.(plan, control),
    onProgress: (epoch, steps, values, control) =>
      lead(control, (led) => listener.onProgress?.(epoch, steps, values, led)),
    onEpochEnd: (epoch, values, control) => lead(control, (led) => listener.onEpochEnd?.(epoch, values, led)),
    onStop: (control) => lead(control, (led) => listener.onStop?.(led)),
    close: (ending) => listener.close?.(ending),
  }
}

/** Takes the state of training where rank 0 does. */
export function followingOnRanks(ranks: Ranks): Listener<TrainingControl> {
  const follow = async (control: TrainingControl): Promise<void> => {
    const takes = new Uint8Array(1)
    for (;;) {
      await ranks.broadcast(takes)
      if (takes[0] === 0) return
      await control.trainingState()
    }
  }
  return {
    onProgress: (_epoch, _steps, _values, control) => follow(control),
    onEpochEnd: (_epoch, _values, control) => follow(control),
    onStop: follow,
  }
}
