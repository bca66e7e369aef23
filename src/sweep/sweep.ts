import { join } from 'node:path'

import type { Listener } from '../components/callbacks/listener.ts'
import { UsageError } from '../errors.ts'
import { loadExperiment } from '../experiment/build-experiment.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import { readConfig } from '../experiment/experiment.ts'
import { requireRegular } from '../run/foreign.ts'
import type { TrainingControl } from '../train/loop.ts'
import { BEST_CONFIG, writeBestConfig } from './best-config.ts'
import { noteChangedConfig } from './changed-config.ts'
import { requireSlurm, workOnSlurm } from './launchers/slurm.ts'
import type { SlurmChoice } from './launchers/slurm.ts'
import { beginSweep, latestSweep, reopenSweep } from './open-sweep.ts'
import type { NewSweepOptions, OpenSweep } from './open-sweep.ts'
import { writeSweep } from './sweep-folder.ts'
import type { SweepRecord } from './sweep-folder.ts'
import { outcomeOf } from './sweep-result.ts'
import type { SweepOutcome } from './sweep-result.ts'
import { SweepWork } from './sweep-worker.ts'
import type { SweepEvent } from './sweep-worker.ts'
import { onSharedMachine } from './train-in-folder.ts'
import type { TurnResult } from './turn-result.ts'

export type RunSweepOptions = NewSweepOptions & {
  /** A sweep to resume, by its folder, or true for the latest of the config. */
  readonly resume?: string | true | undefined
  /** Number of cores, which as many trials share as are trained at once. */
  readonly cores: number
  /** Number of trials that are trained at once, at most; 0 leaves all to workers of other processes, and follows them. */
  readonly jobs: number
  /** Receive the events of training of every trial. */
  readonly listeners?: readonly Listener<TrainingControl>[] | undefined
  /** Trains on the nodes of Slurm: `jobs` is the number of tasks there. */
  readonly slurm?: SlurmChoice | undefined
  /** Ends training after the current step of each trial; the sweep can be resumed. */
  readonly signal: AbortSignal
  /** Receives the sweep before it is worked on, with the results that it has. */
  readonly onSweep?: ((open: OpenSweep, results: readonly TurnResult[]) => void) | undefined
  readonly onTurn?: ((event: SweepEvent) => void) | undefined
}

/** Trains the trials of a sweep; undefined where the signal ended it. */
export async function runSweep(
  options: RunSweepOptions,
  environment: RunEnvironment,
): Promise<SweepOutcome | undefined> {
  if (options.slurm) await requireSlurm(options.slurm)
  const open = await openSweep(options, environment)
  await requireRegular(join(open.folder, BEST_CONFIG))
  const write = (changes: Partial<SweepRecord>): Promise<void> =>
    writeSweep(open.folder, { ...open.record, ...changes }, environment.files)
  try {
    const work = new SweepWork(open, toldOnce(environment))
    options.onSweep?.(open, await work.results())
    const { signal, slurm, jobs } = options
    if (slurm) await trainOnSlurm(work, open, slurm, options, environment)
    else if (jobs === 0) await workElsewhere(work, open, options, environment)
    else await workHere(work, open, options)
    const ended = new Date().toISOString()
    if (signal.aborted) {
      await write({ state: 'interrupted', ended })
      return undefined
    }
    const outcome = outcomeOf(open, await work.results())
    const { best, trials, metric } = outcome
    const bestConfig = best && (await writeBestConfig(open, best, environment.files))
    const failed = trials.filter(({ state }) => state === 'failed').length
    await write({
      state: 'completed',
      ended,
      trials: trials.length,
      failed,
      ...(best?.value !== undefined && {
        best: { trial: best.trial, metric: metric.name, value: best.value },
      }),
    })
    return { ...outcome, ...(bestConfig !== undefined && { bestConfig }) }
  } catch (error) {
    // The error matters more than that this could not be written either.
    await write({ state: 'failed', ended: new Date().toISOString() }).catch(() => undefined)
    throw error
  }
}

async function openSweep(options: RunSweepOptions, environment: RunEnvironment): Promise<OpenSweep> {
  const { resume, config, set = [], parameters = [], seeds } = options
  if (resume === undefined) return beginSweep(options, environment)
  if (set.length > 0 || parameters.length > 0 || seeds !== undefined)
    throw new UsageError('the trials of a resumed sweep cannot be changed', {
      hint: (option) => `leave parameters, ${option('set')} and ${option('seeds')} out`,
    })
  const { cwd } = environment
  const open = await reopenSweep(resume === true ? await latestSweep(config, cwd) : resume, environment)
  if (config !== undefined || resume === true) {
    const named = loadExperiment(await readConfig(config ?? DEFAULT_CONFIG, [], cwd))
    const sweep = named.sweep && { sweep: named.sweep }
    const begun = { ...open.experiment.spec, ...(sweep && { sweep: open.sweep }) }
    noteChangedConfig(open.folder, { begun, now: { ...named.spec, ...sweep } }, environment)
  }
  return open
}

/** Trains on this machine. */
function workHere(
  work: SweepWork,
  open: OpenSweep,
  { jobs, cores, signal, listeners = [], onTurn }: RunSweepOptions,
): Promise<void> {
  return onSharedMachine(cores, atOnceOf(open, jobs), (machine) =>
    work.workSideBySide({ ...machine, signal, listeners, onTurn }),
  )
}

/** Trains in an array of tasks of Slurm. */
function trainOnSlurm(
  work: SweepWork,
  open: OpenSweep,
  slurm: SlurmChoice,
  { jobs, signal, onTurn }: RunSweepOptions,
  environment: RunEnvironment,
): Promise<void> {
  const { folder, record, sweep } = open
  const tasks = atOnceOf(open, jobs)
  return workOnSlurm(
    { ...slurm, folder, name: record.name, tasks, worker: ['sweep', 'worker', folder] },
    async (isWorked) => {
      await work.follow(isWorked, { signal, onTurn })
      return work.isComplete || sweep.time_cap !== undefined
    },
    { signal, resume: 'nnlab sweep --resume' },
    environment,
  )
}

/** Follows workers that others start. */
async function workElsewhere(
  work: SweepWork,
  { folder }: OpenSweep,
  { signal, onTurn }: RunSweepOptions,
  { onNote }: RunEnvironment,
): Promise<void> {
  onNote(`waiting for workers: nnlab sweep worker ${folder}`)
  await work.follow(() => Promise.resolve(true), { signal, onTurn })
}

/** Number of trials at once: as many as there may be, up to the number of jobs. */
function atOnceOf({ order, sweep }: OpenSweep, jobs: number): number {
  const most = Number.isFinite(order.lag) ? sweep.parallel : order.most
  return Math.min(jobs, most)
}

/** The environment of trials, which have most notes in common: each is passed on once. */
function toldOnce(environment: RunEnvironment): RunEnvironment {
  const told = new Set<string>()
  return {
    ...environment,
    onNote(note) {
      if (!told.has(note)) environment.onNote(note)
      told.add(note)
    },
  }
}
