import { resolve } from 'node:path'

import { overriddenExperiment, savedDocument } from '../experiment/experiment.ts'
import { readRun } from '../run/catalog.ts'
import { notARun } from '../run/not-a-run.ts'
import { compare, comparedRun } from '../run/run-comparison.ts'
import type { Compared, RunComparison } from '../run/run-comparison.ts'
import { SWEEP_CONFIG } from '../sweep/sweep-folder.ts'
import { readTrialGroup } from '../sweep/trial-group.ts'
import type { TrialGroup } from '../sweep/trial-group.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type CompareRunsOptions = EnvironmentOptions & {
  /** The folders of the runs; those of sweeps, cross-validations and seeds are compared as wholes. */
  readonly runs: readonly string[]
}

/** Compares the configs, the metrics and the weights of runs. */
export async function compareRuns({ runs, ...options }: CompareRunsOptions): Promise<RunComparison> {
  const { cwd } = environmentOf(options)
  return compare(await Promise.all(runs.map((run) => open(run, cwd))))
}

async function open(path: string, cwd: string): Promise<Compared> {
  const folder = resolve(cwd, path)
  const run = await readRun(folder)
  if (run !== undefined) return comparedRun(run)
  const group = await readTrialGroup(folder)
  if (group !== undefined) return comparedGroup(group)
  throw notARun(path, folder)
}

/** The metrics of a group: that of its best trial, or the mean and the deviation of each. */
async function comparedGroup(group: TrialGroup): Promise<Compared> {
  const isSweep = group.kind === 'sweep'
  const document = await savedDocument(group.folder, isSweep ? SWEEP_CONFIG : undefined)
  const { spec, sweep } = overriddenExperiment(document, [])
  if (isSweep) {
    const { best, metric } = group.outcome
    return { spec: { ...spec, sweep }, metrics: { [metric.name]: best?.value ?? null } }
  }
  const { metrics, test = {} } = group.repeated
  const ofTest = Object.entries(test).map(([name, spread]) => [`test_${name}`, spread] as const)
  const values = [...Object.entries(metrics), ...ofTest].flatMap(([name, { mean, deviation }]) => [
    [name, finite(mean)] as const,
    [`${name} deviation`, finite(deviation)] as const,
  ])
  return { spec, metrics: Object.fromEntries(values) }
}

/** A number as documents have it: null for one that is infinite or none. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
