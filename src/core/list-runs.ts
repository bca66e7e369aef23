import { resolve } from 'node:path'

import { listRuns as entriesBelow } from '../run/catalog.ts'
import { overviewOf } from '../run/overview.ts'
import type { RunOverview } from '../run/overview.ts'
import { environmentOf } from './environment.ts'
import type { HostOptions } from './environment.ts'

export type ListRunsOptions = HostOptions & {
  /** The folder to search; default: `runs`. */
  readonly folder?: string | undefined
}

/** Lists the runs below a folder, by path. */
export async function listRuns(options: ListRunsOptions): Promise<RunOverview[]> {
  const { folder = 'runs', process } = options
  return (await entriesBelow(resolve(environmentOf(options).cwd, folder), process)).map(overviewOf)
}
