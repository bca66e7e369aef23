import type { EngineOptions } from '../experiment/engine.ts'
import { savedExperiment } from '../experiment/experiment.ts'
import { beginningOf } from '../experiment/fork.ts'
import { openRun, prepareAgain } from '../experiment/resume.ts'
import { openSession, originOf, runTraining } from '../experiment/training.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { readHistory } from '../run/history.ts'
import { weightsSha256 } from '../run/model-files.ts'
import { ReplayComparison } from '../run/replay-comparison.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type VerifyOptions = EnvironmentOptions &
  EngineOptions & {
    /** The folder of a run. */
    readonly run: string
    /** Ends the replay after the current step: the promise is rejected with its reason. */
    readonly signal?: AbortSignal | undefined
  }

/** Comparison of a run with its replay. */
export type Verification = {
  /** The absolute path of the run folder. */
  readonly run: string
  /** The first difference, in words; undefined where the run was reproduced bit for bit. */
  readonly difference: string | undefined
  /** Epochs and checkpoints that are the same. */
  readonly epochs: number
  readonly checkpoints: number
  /** The run has ended, and its final weights were compared too. */
  readonly finalWeights: boolean
  /** Versions that the run was trained with. */
  readonly nnlab: string
  readonly node: string
}

/** Retrains a run and checks that it is reproduced bit for bit. */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const environment = environmentOf(options)
  const run = await openRun(options.run, environment.cwd)
  const { folder, record } = run
  const training = await prepareAgain(
    run,
    await savedExperiment(run, []),
    record.data_folder,
    options,
    environment,
  )
  const store = new Checkpoints(folder, record.id)
  const origin = originOf(training, record.id)
  const comparison = new ReplayComparison({
    history: await readHistory(folder),
    positions: (await store.list()).reverse(),
    read: (position) => store.read(position, origin),
    steps: record.steps,
  })
  const session = openSession(training)
  let difference: string | undefined
  try {
    const { signal = comparison.signal } = options
    await runTraining(session, training, {
      listeners: [comparison],
      signal: AbortSignal.any([comparison.signal, signal]),
      from: await beginningOf(run, training),
    })
    if (!comparison.signal.aborted) signal.throwIfAborted()
    difference = comparison.difference
    if (difference === undefined && record.weights_sha256 !== undefined) {
      const sha256 = weightsSha256(training.task.graph, await session.weights())
      if (sha256 !== record.weights_sha256) difference = 'the final weights'
    }
  } finally {
    session.dispose()
    training.data.close()
  }
  return {
    run: folder,
    difference,
    ...comparison.same,
    finalWeights: record.weights_sha256 !== undefined,
    nnlab: record.nnlab,
    node: record.node,
  }
}
