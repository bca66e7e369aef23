import { relative } from 'node:path'

import { ExitCode, RunError } from '../../../errors.ts'
import { counted } from '../../../report/text/format.ts'
import { Checkpoints } from '../../../run/checkpoints.ts'
import type { CheckpointPosition } from '../../../run/checkpoints.ts'
import { readHistory } from '../../../run/history.ts'
import type { RunHistory } from '../../../run/history.ts'
import { weightsSha256 } from '../../../run/model-files.ts'
import type { Listener } from '../../../components/callbacks/listener.ts'
import type { TrainingControl } from '../../../train/loop.ts'
import type { TrainingState } from '../../../train/training-state.ts'
import type { EngineFlags } from '../../../experiment/engine.ts'
import type { Io } from '../../io.ts'
import { openRun, prepareAgain, savedExperiment } from '../../../experiment/resume.ts'
import { openSession, originOf, runTraining } from '../../../experiment/training.ts'

export type VerifyOptions = EngineFlags & {
  readonly run: string
  readonly json: boolean
  readonly quiet: boolean
}

/** Trains a run anew from its spec and says whether its bits come out, or where they first part. */
export async function verify(options: VerifyOptions, io: Io): Promise<number> {
  const run = await openRun(options.run, io)
  const { folder, record } = run
  const training = await prepareAgain(run, savedExperiment(run, [], io), record.data_folder, options, io)
  const store = new Checkpoints(folder, record.id)
  const origin = originOf(training, record.id)
  const places = (await store.list()).reverse()
  const found = { epochs: 0, checkpoints: 0, parted: new Array<string>() }
  const end = new AbortController()
  const part = (where: string): void => {
    found.parted.push(where)
    end.abort()
  }
  const replayed = compare({
    history: await readHistory(folder),
    places,
    read: (place) => store.read(place, origin),
    steps: record.steps,
    found,
    part,
    end: () => end.abort(),
  })
  const session = openSession(training)
  try {
    await runTraining(session, training, { listeners: [replayed], signal: end.signal })
    if (found.parted.length === 0 && record.weights_sha256 !== undefined) {
      const sha256 = weightsSha256(training.task.graph, await session.weights())
      if (sha256 !== record.weights_sha256) found.parted.push('the final weights')
    }
  } finally {
    session.dispose()
    training.data.close()
  }
  const name = relative(io.cwd, folder) || '.'
  const [parted] = found.parted
  const ended = record.weights_sha256 !== undefined
  if (options.json) {
    const { epochs, checkpoints } = found
    const result = { run: name, same: parted === undefined, epochs, checkpoints, final_weights: ended }
    io.stdout.write(`${JSON.stringify({ ...result, ...(parted !== undefined && { parted }) })}\n`)
  } else if (parted === undefined) {
    const parts = [counted(found.epochs, 'epoch'), counted(found.checkpoints, 'checkpoint')]
    io.stdout.write(
      `${name} comes out bit for bit: ${parts.join(', ')}${ended ? ', the final weights' : ''}\n`,
    )
  }
  if (parted === undefined) return ExitCode.done
  throw new RunError(`${name} and its replay part at ${parted}`, {
    hint: `it was trained by nnlab ${record.nnlab} on Node ${record.node}; a file may also have been changed`,
  })
}

type Comparison = {
  readonly history: RunHistory
  /** Where there are checkpoints, the oldest first. */
  readonly places: readonly CheckpointPosition[]
  readonly read: (place: CheckpointPosition) => Promise<TrainingState>
  /** How many steps the run has done; undefined where it did not end. */
  readonly steps: number | undefined
  readonly found: { epochs: number; checkpoints: number }
  readonly part: (where: string) => void
  readonly end: () => void
}

/** Compares each epoch's metric values and each checkpoint with those of a training. */
function compare({ history, places, read, steps, found, part, end }: Comparison): Listener<TrainingControl> {
  let stepsPerEpoch = 1
  const stepOf = ({ epoch, step }: CheckpointPosition): number => epoch * stepsPerEpoch + step
  const compareAt = async (place: CheckpointPosition, control: TrainingControl): Promise<void> => {
    if (!places.some(({ epoch, step }) => epoch === place.epoch && step === place.step)) return
    const difference = differenceOf(await read(place), await control.trainingState())
    if (difference === undefined) found.checkpoints += 1
    else part(`${placeName(place)}: ${difference}`)
  }
  const endAfter = (done: number): void => {
    const last = places.at(-1)
    if (done >= (steps ?? Math.max(last ? stepOf(last) : 0, history.epochs.length * stepsPerEpoch))) end()
  }
  return {
    onTrainBegin(plan) {
      stepsPerEpoch = plan.stepsPerEpoch
      endAfter(0)
    },
    nextStep: (done) => Math.min(...[...places.map(stepOf), steps ?? Infinity].filter((step) => step > done)),
    async onProgress(epoch, step, _values, control) {
      await compareAt({ epoch, step }, control)
      if (step < stepsPerEpoch) endAfter(epoch * stepsPerEpoch + step)
    },
    async onEpochEnd(epoch, metricValues, control) {
      const logged = history.epochs[epoch]
      const names = Object.keys(metricValues)
      const wrong = names.find((name, i) => logged !== undefined && logged[i] !== String(metricValues[name]))
      if (wrong !== undefined) {
        const was = logged?.[names.indexOf(wrong)]
        part(`epoch ${epoch + 1}: ${wrong} is ${was} in history.csv and ${metricValues[wrong]} in the replay`)
        return
      }
      found.epochs += 1
      await compareAt({ epoch: epoch + 1, step: 0 }, control)
      endAfter((epoch + 1) * stepsPerEpoch)
    },
  }
}

function placeName({ epoch, step }: CheckpointPosition): string {
  return step === 0 ? `epoch ${epoch}` : `epoch ${epoch + 1}, step ${step}`
}

function differenceOf(a: TrainingState, b: TrainingState): string | undefined {
  if (a.factor !== b.factor) return `the factor of the learning rate is ${a.factor} and ${b.factor}`
  const arrays = [
    ['the weights', a.weights, b.weights],
    ["the optimizer's", a.optimizer.slots, b.optimizer.slots],
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
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
    Buffer.from(buffer, byteOffset, byteLength)
  return bytes(a).equals(bytes(b))
}
