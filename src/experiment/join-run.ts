import type { Ranks } from '../engine/ranks.ts'
import { Checkpoints } from '../run/checkpoints.ts'
import { evaluateOnRanks } from '../train/evaluate.ts'
import type { EngineOptions } from './engine.ts'
import type { RunEnvironment } from './environment.ts'
import { savedExperiment } from './experiment.ts'
import { beginningOf } from './fork.ts'
import { openRun, prepareAgain } from './resume.ts'
import { followingOnRanks } from './states-of-ranks.ts'
import { openSession, originOf, runTraining } from './training.ts'

type JoinRunOptions = EngineOptions & {
  /** Looks into the layers, as rank 0 does. */
  readonly diagnoses?: boolean | undefined
}

/**
 * Trains with rank 0, which has the run and names its folder when it is about to begin. All ranks
 * go through the same steps, epochs and callbacks; only rank 0 writes.
 */
export async function joinRun(
  ranks: Ranks,
  { diagnoses, ...options }: JoinRunOptions,
  surroundings: RunEnvironment,
): Promise<void> {
  const folder = await ranks.share()
  const silent = { onNote: () => undefined, onWarnings: () => undefined }
  const environment = { ...surroundings, ...silent }
  const run = await openRun(folder, environment.cwd)
  const experiment = await savedExperiment(run, [])
  const training = await prepareAgain(
    run,
    experiment,
    run.record.data_folder,
    { ...options, ranks },
    environment,
  )
  const { files } = environment
  const session = openSession(training)
  try {
    const store = new Checkpoints(run.folder, run.record.id, files)
    const saved = await store.newest(originOf(training, run.record.id), () => undefined)
    const from = saved ?? (await beginningOf(run, training))
    await runTraining(session, training, {
      listeners: [followingOnRanks(ranks)],
      signal: ranks.together(new AbortController().signal),
      from,
      ...(diagnoses !== undefined && { diagnoses }),
    })
    const { data } = training
    const { batch_size } = training.experiment.spec.fit
    if (data.test) await evaluateOnRanks(session, data.test, batch_size, ranks)
  } finally {
    session.dispose()
    training.data.close()
  }
}
