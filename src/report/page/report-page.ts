import type { Analysis } from '../../experiment/analysis.ts'
import { findingsOf } from '../findings/findings.ts'
import type { Report, ReportedModel } from '../report.ts'
import { documentOf, markup, trusted } from './html.ts'
import type { Html } from './html.ts'
import { classesSection } from './sections/classes.ts'
import { columnsSection } from './sections/columns.ts'
import { comparisonSections } from './sections/comparison.ts'
import { dataSection } from './sections/data.ts'
import { findingsSection, head, nameOf } from './sections/head.ts'
import { learningSection } from './sections/learning.ts'
import { numbersSection } from './sections/numbers.ts'
import { rowsSection } from './sections/rows.ts'
import { networkSection, runSection } from './sections/run.ts'
import { scoresSection } from './sections/scores.ts'
import { CHART_STYLE, PAGE_STYLE } from './style.ts'

/** A report as one HTML document that needs nothing else; runs are called by their names. */
export function reportPage(report: Report, names: readonly string[]): string {
  const { runs, comparison } = report
  const [run] = runs
  const title = runs.length === 1 && run ? nameOf(run) : `${runs.length} runs`
  return page(title, [
    head(report, names),
    ...(runs.length === 1 ? [findingsSection(findingsOf(report))] : []),
    ...(comparison ? comparisonSections(runs, names, comparison) : singleRun(report, names[0] ?? '')),
  ])
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
    ...(analysis ? outputSections(analysis, model) : []),
    analysis && rowsSection(analysis.worst, analysis.importance),
    analysis && columnsSection(analysis),
    data && dataSection(data),
    networkSection(model),
  ]
}

function outputSections(
  analysis: Analysis,
  { evaluation, isSeries = false }: ReportedModel,
): (Html | undefined)[] {
  const { outputs, sourceRow } = analysis
  return outputs.map((output) => {
    const title = outputs.length > 1 ? `Predictions of ${output.name}` : 'Predictions'
    if (output.kind === 'numbers') return numbersSection(title, output, { isSeries, sourceRow })
    const counted = evaluation?.outputs.find(({ name }) => name === output.name)
    return classesSection(title, counted, output)
  })
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
