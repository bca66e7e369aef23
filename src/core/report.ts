import { resolve } from 'node:path'

import { distributionsOf } from '../data/inspect/distributions.ts'
import { columnRoles, labelCounts } from '../data/inspect/inspect.ts'
import { profilesOf } from '../data/inspect/profile.ts'
import { UsageError } from '../errors.ts'
import { analyzeModel } from '../experiment/analysis.ts'
import { trainingWarnings } from '../experiment/data-warnings.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { filesNamedIn } from '../experiment/read-files.ts'
import { evaluateModel } from '../experiment/evaluation.ts'
import { hasOtherRows, measuredRows, openModel, ownData } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { sharedRows } from '../data/split/duplicates.ts'
import type { TracedRows } from '../data/split/duplicates.ts'
import type { PreparedRows } from '../data/prepare/prepare.ts'
import type { ReadData } from '../data/prepare/read-data.ts'
import type { Report, ReportedData, ReportedModel } from '../report/report.ts'
import { summaryData } from '../report/text/summary.ts'
import { readRun, stateOf } from '../run/catalog.ts'
import { notARun } from '../run/not-a-run.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import { overviewsOf } from '../run/overview.ts'
import { compare, comparedRun } from '../run/run-comparison.ts'
import { runOfModel } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import { readTrialGroup, titleOf } from '../sweep/trial-group.ts'
import type { TrialGroup } from '../sweep/trial-group.ts'
import type { SplitName } from '../table/table.ts'
import { foundOrLacking } from './found-or-lacking.ts'
import { environmentOf, requireProcess } from './environment.ts'
import type { HostOptions } from './environment.ts'
import { groupReport } from './group-report.ts'
import { reportedRun } from './reported-run.ts'

export type ReportOptions = HostOptions &
  EngineOptions & {
    /** Run folders, model.json files, or configs, whose last plain runs are used. */
    readonly runs: readonly string[]
  }

/** Maximum columns whose distributions are looked at. */
const MOST_DISTRIBUTIONS = 40

/** Collects what a report shows: of one run all there is to know, of several and of a sweep their curves and differences. */
export async function report(options: ReportOptions): Promise<Report> {
  requireProcess(options)
  const environment = environmentOf(options)
  const group = await groupOf(options.runs, environment)
  if (group) return groupReport(group, options, environment)
  const entries = await Promise.all(options.runs.map((path) => entryOf(path, options, environment)))
  const overviews = overviewsOf(entries)
  const runs = await Promise.all(entries.map(async (entry, i) => reportedRun(entry, overviews[i])))
  const [only] = entries
  if (entries.length > 1 || only === undefined) {
    return { runs, comparison: compare(entries.map(comparedRun)) }
  }
  return { runs, ...(await modelOf(only, options, environment)) }
}

/** The group of trials whose folder is named; undefined where runs are. */
async function groupOf(paths: readonly string[], { cwd }: Environment): Promise<TrialGroup | undefined> {
  for (const path of paths) {
    const group = await readTrialGroup(resolve(cwd, path))
    if (group && paths.length > 1) {
      throw new UsageError(`${path} is a ${titleOf(group)}, which has a report of its own`, {
        hint: 'name it alone, or runs in its folder `trials`',
      })
    }
    if (group) return group
  }
  return undefined
}

async function entryOf(
  path: string,
  { process }: ReportOptions,
  environment: Environment,
): Promise<CatalogEntry> {
  const folder = resolve(environment.cwd, path)
  const run =
    (await readRun(folder).catch(() => undefined)) ?? (await readRun(await folderOfModel(path, environment)))
  if (run === undefined) throw notARun(path, folder)
  return { ...run, state: await stateOf(run, process) }
}

/** The folder of the run that a model.json is of, or of the last run of a config. */
async function folderOfModel(path: string, environment: Environment): Promise<string> {
  const { folder } = await openModel(path, { ...environment, onModel: () => undefined })
  return (await runOfModel(folder)).folder
}

/** The model of a run and what it makes of its test rows; where they are gone, the reason. */
async function modelOf(
  { folder, record }: CatalogEntry,
  options: ReportOptions,
  environment: Environment,
): Promise<Pick<Report, 'model' | 'lacking'>> {
  const opened = await foundOrLacking(openModel(folder, environment))
  if (!opened.found) return { lacking: opened.lacking }
  const summary = summaryData(opened.found.graph, opened.found.spec)
  const { found, lacking } = await foundOrLacking(measured(opened.found, record, options, environment))
  return { model: { summary, ...found }, ...(lacking !== undefined && { lacking }) }
}

async function measured(
  model: OpenedModel,
  record: RunRecord,
  options: ReportOptions,
  environment: Environment,
): Promise<Omit<ReportedModel, 'summary'>> {
  let data: ReportedData | undefined
  const prepared = await ownData(model, environment, async (read, rows) => {
    data = await reportedData(model, read, rows)
  })
  try {
    const { split, rows } = measuredRows(prepared)
    const engine = await openEngineFor(options, model.spec.fit, environment)
    const evaluation = await evaluateModel(engine, model, rows)
    const analysis = await analyzeModel(engine, model, rows, prepared.tables[split])
    return {
      ...(data && { data }),
      evaluation: { on: split, ...evaluation, analysis },
      isSeries: model.preprocessing.window !== undefined,
      hasOtherData: hasOtherRows(record, prepared),
    }
  } finally {
    prepared.close()
  }
}

async function reportedData(
  model: OpenedModel,
  read: ReadData,
  prepared: PreparedRows,
): Promise<ReportedData> {
  const profiles = profilesOf(read.train, columnRoles(read))
  const used = profiles.filter(({ role }) => role === 'feature' || role === 'target')
  const { train, tables } = prepared
  const traced = (set: RowSet, split: SplitName): TracedRows => ({ table: tables[split], set })
  const { split, rows } = measuredRows(prepared)
  const shared = split === 'train' ? undefined : await sharedRows(traced(train, 'train'), traced(rows, split))
  return {
    source: read.train.name,
    profiles,
    labels: await labelCounts(prepared),
    distributions: await distributionsOf(
      prepared,
      used.slice(0, MOST_DISTRIBUTIONS).map(({ name }) => name),
    ),
    warnings: await trainingWarnings(read, prepared, model),
    ...(shared && { shared }),
  }
}

/** The configs of reported runs and the files that their data sections name, which no report is written over. */
export function filesBehind({ runs }: Report): string[] {
  return runs.flatMap(({ record, spec }) => [record.config, ...filesNamedIn(spec, record.data_folder)])
}
