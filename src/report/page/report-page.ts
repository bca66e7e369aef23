import { basename } from 'node:path'

import { findingsOf } from '../findings/findings.ts'
import type { Report, ReportedGroup, ReportedModel } from '../report.ts'
import { runName } from '../../run/run-name.ts'
import { documentOf, markup, trusted } from './html.ts'
import type { Html } from './html.ts'
import { columnsSection } from './sections/columns.ts'
import { comparisonSections } from './sections/comparison.ts'
import type { NamedRun } from './sections/comparison.ts'
import { dataSection } from './sections/data.ts'
import { findingsSection, groupHead, head, reportTitle } from './sections/head.ts'
import { learningSection } from './sections/learning.ts'
import { outputSections } from './sections/outputs.ts'
import { repetitionSections } from './sections/repetition.ts'
import { rowsSection } from './sections/rows.ts'
import { networkSection, runSection } from './sections/run.ts'
import { scoresSection } from './sections/scores.ts'
import { sweepSections } from './sections/sweep.ts'
import { CHART_STYLE, PAGE_STYLE } from './style.ts'

/** A report as one HTML document that needs nothing else; paths of runs start from `cwd`. */
export function reportPage(report: Report, cwd: string): string {
  const { runs, comparison, group } = report
  const names = namesOf(report, cwd)
  const title = reportTitle(report)
  if (group) return page(title, [groupHead(report, group, cwd), ...groupSections(report, group, cwd)])
  return page(title, [
    head(report, names),
    ...(runs.length === 1 ? [findingsSection(findingsOf(report))] : []),
    ...(comparison ? comparisonSections(runs, names, comparison) : singleRun(report, names[0] ?? '')),
  ])
}

/** The sections about a sweep, a cross-validation or seeds. */
export function groupSections(report: Report, group: ReportedGroup, cwd: string): (Html | undefined)[] {
  const runs = trialsOf(report)
  return group.kind === 'sweep'
    ? sweepSections(group.outcome, runs, cwd)
    : repetitionSections(group, runs, cwd)
}

/** The runs of a group by the names of their folders. */
export function trialsOf({ runs }: Report): NamedRun[] {
  return runs.map((run) => ({ run, name: basename(run.overview.run) }))
}

/** The runs of a report by their paths from a folder. */
export function namesOf({ runs }: Report, cwd: string): string[] {
  return runs.map(({ overview }) => runName(overview.run, cwd))
}

function singleRun({ runs, model }: Report, name: string): (Html | undefined)[] {
  const [run] = runs
  if (!run) return []
  return [
    scoresSection(run, model),
    learningSection(run),
    ...(model ? modelSections(model) : []),
    runSection(run, name),
  ]
}

function modelSections(model: ReportedModel): (Html | undefined)[] {
  const { evaluation, data } = model
  const analysis = evaluation?.analysis
  return [
    ...(analysis ? outputSections(analysis, evaluation.outputs, model) : []),
    analysis && rowsSection(analysis.worst, analysis.importance),
    analysis && columnsSection(analysis),
    data && dataSection(data),
    networkSection(model),
  ]
}

function page(title: string, parts: readonly (Html | undefined)[]): string {
  return documentOf(
    markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title} - nnlab report</title>
<style>${trusted(PAGE_STYLE + CHART_STYLE)}</style>
</head>
<body><main>${parts}</main></body>
</html>
`,
  )
}
