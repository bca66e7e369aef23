import { resolve } from 'node:path'

import { listRuns as entriesBelow } from '../run/catalog.ts'
import { overviewsOf } from '../run/overview.ts'
import type { RunOverview } from '../run/overview.ts'
import { filtered, sorted } from '../run/selection.ts'
import { listGroups as groupsBelow } from '../sweep/group-overview.ts'
import type { GroupOverview } from '../sweep/group-overview.ts'
import { environmentOf, requireProcess } from './environment.ts'
import type { HostOptions } from './environment.ts'

export type ListRunsOptions = HostOptions & {
  /** The folder to search; default: `runs`. */
  readonly folder?: string | undefined
  /** Lists the folds of cross-validations instead of plain runs. */
  readonly trials?: boolean | undefined
  /** Conditions that all hold, such as `fit.epochs>=20` or `test_accuracy>0.9`: a key of the spec, or a metric. */
  readonly filter?: readonly string[] | undefined
  /** The metric by which runs are sorted, the best first; default: by path. */
  readonly sort?: string | undefined
}

/** Lists the runs below a folder. */
export async function listRuns(options: ListRunsOptions): Promise<RunOverview[]> {
  const { folder = 'runs', trials = false, filter = [], sort } = options
  const found = await entriesBelow(
    resolve(environmentOf(options).cwd, folder),
    requireProcess(options),
    trials,
  )
  return overviewsOf(sorted(filtered(found, filter), sort))
}

export type ListGroupsOptions = HostOptions & {
  /** The folder to search; default: `runs`. */
  readonly folder?: string | undefined
}

/** Lists the sweeps, cross-validations and trainings with several seeds below a folder, each as a whole. */
export async function listGroups({
  folder = 'runs',
  ...options
}: ListGroupsOptions): Promise<GroupOverview[]> {
  return groupsBelow(resolve(environmentOf(options).cwd, folder), requireProcess(options))
}
