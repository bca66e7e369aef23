// The option --seeds of train. All commands are loaded at every start: what training needs is imported when it runs.

import type { TrainSeedsOptions } from '../core/repeat-training.ts'
import type { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import type { RepeatedTrainingOptions } from './repeated-training.ts'

/** True where a folder to resume is that of a training with several seeds. */
export async function holdsSeeds(folder: string | undefined, io: Io): Promise<boolean> {
  if (folder === undefined || folder === '') return false
  const { isSeedsFolder } = await import('../core/repeat-training.ts')
  return isSeedsFolder(folder, io.cwd)
}

/** Trains with several seeds, for the command train. */
export async function trainSeeds(
  options: Omit<TrainSeedsOptions, 'process'>,
  shown: Omit<RepeatedTrainingOptions, 'resumeCommand' | 'render'>,
  io: Io,
): Promise<ExitCode> {
  const [core, { trainRepeatedly }, { renderSeeds }] = await Promise.all([
    import('../core/repeat-training.ts'),
    import('./repeated-training.ts'),
    import('../report/text/repetition.ts'),
  ])
  return trainRepeatedly(
    (given) => core.trainSeeds({ ...given, ...options }),
    { ...shown, resumeCommand: 'nnlab train --resume', render: renderSeeds },
    io,
  )
}
