import { resolve } from 'node:path'

import { RunError } from '../errors.ts'
import { readRun } from '../run/catalog.ts'
import type { StoredRun } from '../run/catalog.ts'
import { compareStoredRuns } from '../run/run-comparison.ts'
import type { RunComparison } from '../run/run-comparison.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type CompareRunsOptions = EnvironmentOptions & {
  /** The folders of the runs. */
  readonly runs: readonly string[]
}

/** Compares the configs, the metrics and the weights of runs. */
export async function compareRuns({ runs, ...options }: CompareRunsOptions): Promise<RunComparison> {
  const { cwd } = environmentOf(options)
  return compareStoredRuns(await Promise.all(runs.map((run) => open(run, cwd))))
}

async function open(path: string, cwd: string): Promise<StoredRun> {
  const run = await readRun(resolve(cwd, path))
  if (run !== undefined) return run
  throw new RunError(`${path} is not a run: it has no valid run.json`, {
    hint: '`nnlab runs` lists the runs',
  })
}
