import { setTimeout as sleep } from 'node:timers/promises'

import { DivergedError, UsageError } from '../errors.ts'
import { environmentFor } from './environment.ts'
import { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { reportError } from './report-error.ts'
import type { Ranks } from '../engine/ranks.ts'
import type { TrainOptions } from '../core/train.ts'

type GivenOptions = Pick<TrainOptions, 'engine' | 'backend' | 'threads' | 'diagnose'>

/** Time for the launcher to read what a rank says before it aborts: MPICH's passes nothing on after that. */
const LAUNCHER_READS_MS = 100

/**
 * Trains on the ranks of an MPI job: `lead` is what rank 0 does, the others train along in silence. A rank that fails ends
 * the job.
 */
export async function trainOnRanks(
  ranks: Ranks,
  options: GivenOptions,
  lead: () => Promise<number>,
  io: Io,
): Promise<number> {
  try {
    const code = ranks.rank === 0 ? await lead() : await follow(ranks, options, io)
    ranks.end()
    return code
  } catch (error) {
    const code = await reportError(error, io)
    await sleep(LAUNCHER_READS_MS)
    ranks.abort(code)
    return code
  }
}

async function follow(ranks: Ranks, options: GivenOptions, io: Io): Promise<number> {
  // Rank 0 decides when to stop, also where all of them are told to.
  const unwatch = io.onSignal(() => undefined)
  try {
    const { trainAlong } = await import('../core/train.ts')
    await trainAlong({ ...environmentFor(io, { quiet: true }), ...options, ranks })
  } catch (error) {
    // Rank 0 says so, after it has saved what was good.
    if (!(error instanceof DivergedError)) throw error
  } finally {
    unwatch()
  }
  return ExitCode.done
}

/** The ranks of the MPI job that this command was started in, none where there is no job of several. */
export async function ranksOf({ env }: Io, seeds: boolean): Promise<Ranks | undefined> {
  const { mpiLaunch } = await import('../engine/mpi/launch.ts')
  const launch = mpiLaunch(env)
  if (launch === undefined) return undefined
  if (seeds)
    throw new UsageError('the ranks of an MPI job train one model together, not several seeds', {
      hint: 'leave out mpirun, and give --jobs the number of processes',
    })
  const { openRanks } = await import('../engine/mpi/mpi-ranks.ts')
  return openRanks(launch)
}
