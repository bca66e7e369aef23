import { existsSync } from 'node:fs'
import { basename } from 'node:path'

import * as z from 'zod'

import { foldersWith, groupFolder, ignoreUnusable, runFolders, stateOf } from '../run/catalog.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import type { HostProcess } from '../run/host-process.ts'
import { readJson } from '../run/read-text.ts'
import { readRecord } from '../run/record.ts'
import { groupRecordShape, recordPath } from './group-record.ts'
import type { GroupState } from './group-record.ts'
import { hasWorker } from './heartbeat.ts'
import { GROUP_KINDS } from './trial-group.ts'

/** A sweep, a cross-validation or seeds in a list: what its record and its trials tell without its results being read. */
export type GroupOverview = {
  /** The absolute path of its folder. */
  readonly folder: string
  readonly state: GroupState | 'killed'
  readonly trials: { readonly done: number; readonly all?: number }
  readonly best?: { readonly trial: number; readonly metric: string; readonly value: number }
  /** The spread of the metrics over all trials. */
  readonly metrics?: GroupRecord['metrics']
  readonly started: string
  readonly ended?: string
}

/** Keys that the records of sweeps and repetitions have in common. */
const GroupRecord = z.object({
  state: groupRecordShape.state,
  started: groupRecordShape.started,
  ended: groupRecordShape.ended,
  folds: z.int().optional(),
  seeds: z.array(z.int()).optional(),
  trials: z.int().optional(),
  best: z.object({ trial: z.int(), metric: z.string(), value: z.number() }).optional(),
  metrics: z
    .record(z.string(), z.object({ mean: z.number().nullable(), deviation: z.number().nullable() }))
    .optional(),
})
type GroupRecord = z.output<typeof GroupRecord>

/** The groups below a folder such as `runs`, by path. */
export async function listGroups(base: string, host: HostProcess): Promise<GroupOverview[]> {
  const [runs, groups] = await Promise.all([runFolders(base, 4), groupFolders(base)])
  const overviews = await Promise.all(
    groups.map(async (group) => {
      const trials = runs.filter((run) => groupFolder(run) === group)
      const states = await Promise.all(trials.map((folder) => stateIn(folder, host)))
      return groupOverview(group, states, host)
    }),
  )
  return overviews.filter((overview) => overview !== undefined)
}

/** The folders of the groups below a folder, by path: those of their runs are missing where all trials failed before training. */
export async function groupFolders(base: string): Promise<string[]> {
  const folders = await foldersWith(RECORDS, base, 2)
  return folders.filter((group) => group !== base).toSorted()
}

const RECORDS: ReadonlySet<string> = new Set(GROUP_KINDS.map((kind) => basename(recordPath('', kind))))

type ListedTrial = Pick<CatalogEntry, 'folder' | 'state'>

/** The state of the run in a folder; one that cannot be read has ended. */
async function stateIn(folder: string, host: HostProcess): Promise<ListedTrial> {
  const record = await readRecord(folder).catch(ignoreUnusable)
  return { folder, state: record ? await stateOf({ folder, record }, host) : 'failed' }
}

/** Number of the trials that have runs, of which none is running: a trial of a sweep has one for each seed. */
function endedTrials(runs: readonly ListedTrial[]): number {
  const trialOf = ({ folder }: ListedTrial): string => basename(folder).replace(/-seed-\d+$/, '')
  const running = new Set(runs.filter(({ state }) => state === 'running').map(trialOf))
  return new Set(runs.map(trialOf).filter((trial) => !running.has(trial))).size
}

/** The overview of the group in a folder, of whose runs the states are known; undefined where there is none. */
export async function groupOverview(
  folder: string,
  runs: readonly ListedTrial[],
  host: HostProcess,
): Promise<GroupOverview | undefined> {
  const file = GROUP_KINDS.map((kind) => recordPath(folder, kind)).find(existsSync)
  if (file === undefined) return undefined
  const record = GroupRecord.safeParse(await readJson(file)).data
  if (record === undefined) return undefined
  const { state, started, ended, best, metrics } = record
  const all = record.folds ?? record.seeds?.length ?? record.trials
  const isWorked = runs.some((run) => run.state === 'running') || (await hasWorker(folder, host))
  return {
    folder,
    state: state === 'running' && !isWorked ? 'killed' : state,
    // Trials that failed before training have no runs.
    trials: { done: record.trials ?? endedTrials(runs), ...(all !== undefined && { all }) },
    ...(best && { best }),
    ...(metrics && { metrics }),
    started,
    ...(ended !== undefined && state !== 'running' && { ended }),
  }
}
