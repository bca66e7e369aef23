import { join } from 'node:path'

import type { Engine } from '../engine/engine.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { predictOutOfFold } from '../experiment/out-of-fold.ts'
import type { Report, ReportedRun } from '../report/report.ts'
import { readRun, stateOf } from '../run/catalog.ts'
import type { HostProcess } from '../run/host-process.ts'
import { overviewsOf } from '../run/overview.ts'
import { ranked } from '../sweep/sweep-result.ts'
import type { TrialGroup } from '../sweep/trial-group.ts'
import { foundOrLacking } from './found-or-lacking.ts'
import { reportedRun } from './reported-run.ts'

/** A sweep or a repetition with the curves of its trials, and the predictions of a cross-validation. */
export async function groupReport(
  group: TrialGroup,
  options: EngineOptions & { readonly process: HostProcess },
  environment: Environment,
): Promise<Report> {
  const runs = await trialRuns(group, options.process)
  if (group.kind !== 'cv' || group.state !== 'completed') return { runs, group }
  const folders = group.repeated.results.map(({ run }) => run)
  const engineOf = (model: OpenedModel): Promise<Engine> =>
    openEngineFor(options, model.spec.fit, environment)
  const { found, lacking } = await foundOrLacking(predictOutOfFold(folders, engineOf, environment))
  return {
    runs,
    group: { ...group, ...(found && { outOfFold: found }) },
    ...(lacking !== undefined && { lacking }),
  }
}

/** The runs of the trials that have results; of a sweep, those of the best trial first. */
export async function trialRuns(group: TrialGroup, host: HostProcess): Promise<ReportedRun[]> {
  const folders =
    group.kind === 'sweep'
      ? ranked(group.outcome, group.outcome.trials).flatMap(({ runs }) =>
          runs.map(({ run }) => join(group.folder, run)),
        )
      : group.repeated.results.map(({ run }) => run)
  const entries = await Promise.all(
    folders.map(async (folder) => {
      const run = await readRun(folder)
      return run ? [{ ...run, state: await stateOf(run, host) }] : []
    }),
  )
  const found = entries.flat()
  const overviews = overviewsOf(found)
  return Promise.all(found.map((entry, i) => reportedRun(entry, overviews[i])))
}
