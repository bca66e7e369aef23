import type { Listener } from '../components/callbacks/listener.ts'
import type { TrainingControl } from '../train/loop.ts'
import type { TrainingState } from '../train/training-state.ts'
import { openSession, runTraining } from './training.ts'
import type { Training } from './training.ts'

/** The state of training after some steps, replayed from an earlier state or from its beginning. */
export async function replayTo(
  steps: number,
  training: Training,
  from: TrainingState | undefined,
): Promise<TrainingState> {
  const end = new AbortController()
  let reached: TrainingState | undefined
  let stepsPerEpoch = 1
  const stopAt = (done: number): void => void (done >= steps && end.abort())
  const listener: Listener<TrainingControl> = {
    nextStep: () => steps,
    onTrainBegin(plan) {
      stepsPerEpoch = plan.stepsPerEpoch
      stopAt(plan.stepsDone)
    },
    onProgress: (epoch, step) => stopAt(epoch * stepsPerEpoch + step),
    async onStop(control) {
      reached = await control.trainingState()
    },
  }
  const session = openSession(training)
  try {
    await runTraining(session, training, { listeners: [listener], signal: end.signal, from })
  } finally {
    session.dispose()
  }
  if (reached === undefined) throw new Error('training ended without a call of onStop')
  return reached
}
