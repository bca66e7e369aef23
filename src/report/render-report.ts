import { findingsOf } from './findings/findings.ts'
import { curvesPicture } from './page/curves-picture.ts'
import { namesOf, reportPage, trialsOf } from './page/report-page.ts'
import { comparedCurves, curvesOf } from './page/sections/comparison.ts'
import { reportTitle } from './page/sections/head.ts'
import { learningCharts } from './page/sections/learning.ts'
import { spreadCharts } from './page/sections/repetition.ts'
import { sweepCharts } from './page/sections/sweep.ts'
import type { Report, ReportedGroup } from './report.ts'
import { visible } from './text/characters.ts'
import { evaluationJson, evaluationLines } from './text/evaluation.ts'
import { knownNumber } from './text/format.ts'
import { runName } from '../run/run-name.ts'
import { jsonText } from './text/json-text.ts'
import { markdownTable, numbers } from './text/table.ts'
import { overviewJson, specValue } from './text/runs.ts'
import { foldTable, rangeTable, repeatedJson } from './text/repetition.ts'
import { parameterTable, sweepJson, trialCounts, trialTable } from './text/sweep.ts'
import { thinned } from './thinned.ts'

/** Maximum trials of a table in Markdown. */
const MOST_TRIALS = 50
const STYLE = { format: 'md', thresholds: false } as const

/** A report as one document; paths of runs start from `cwd`. */
export function renderReport(report: Report, cwd: string, format: 'html' | 'md' | 'json' | 'svg'): string {
  switch (format) {
    case 'html':
      return reportPage(report, cwd)
    case 'md':
      return `${markdownLines(report, cwd).join('\n')}\n`
    case 'json':
      return `${jsonText(reportJson(report, cwd))}\n`
    case 'svg':
      return curvesPicture(reportTitle(report), chartsOf(report, cwd))
  }
}

function chartsOf(report: Report, cwd: string) {
  const { runs, group } = report
  if (group?.kind === 'sweep') return sweepCharts(group.outcome, trialsOf(report))
  if (group) return [...spreadCharts(group), ...curvesOf(trialsOf(report))]
  const [run] = runs
  return runs.length === 1 && run ? learningCharts(run) : comparedCurves(runs, namesOf(report, cwd))
}

function markdownLines(report: Report, cwd: string): string[] {
  const { model, comparison, group } = report
  const names = namesOf(report, cwd)
  if (group) return [`# ${visible(reportTitle(report))}`, '', ...groupLines(report, group, cwd)]
  const findings = findingsOf(report)
  const evaluation = model?.evaluation
  return [
    `# ${visible(reportTitle(report))}`,
    '',
    names.map(visible).join(', '),
    ...(findings.length === 0 ? [] : ['', '## Findings', '']),
    ...findings.map(
      ({ text, advice }) => `- **${visible(text)}**${advice === undefined ? '' : ` ${visible(advice)}`}`,
    ),
    ...(evaluation
      ? ['', '## Metrics', '', ...evaluationLines(`${evaluation.on} rows`, evaluation, STYLE)]
      : []),
    ...(comparison ? comparisonLines(comparison, names) : []),
  ]
}

function groupLines({ lacking }: Report, group: ReportedGroup, cwd: string): string[] {
  const name = visible(runName(group.folder, cwd))
  if (group.kind === 'sweep') {
    const { outcome } = group
    const [trials, parameters] = [trialTable(outcome, MOST_TRIALS), parameterTable(outcome)]
    return [
      `${name}, by ${outcome.metric.name}: ${trialCounts(outcome.trials)}`,
      '',
      ...markdownTable(trials.columns, trials.rows),
      '',
      ...markdownTable(parameters.columns, parameters.rows),
    ]
  }
  const { repeated, outOfFold, kind } = group
  const { columns, rows } = kind === 'cv' ? foldTable(repeated) : rangeTable(repeated)
  return [
    name,
    '',
    ...markdownTable(columns, rows),
    ...(lacking === undefined ? [] : ['', `The folds' predictions could not be put together: ${lacking}.`]),
    ...(outOfFold ? ['', '## Out of fold', '', ...evaluationLines('out of fold', outOfFold, STYLE)] : []),
  ]
}

function comparisonLines(
  { spec, metrics }: NonNullable<Report['comparison']>,
  names: readonly string[],
): string[] {
  return [
    '',
    ...markdownTable(
      [{ title: 'Key or metric' }, ...numbers(...names)],
      [
        ...spec.map(({ path, values }) => [path, ...values.map((value) => specValue(value))]),
        ...metrics.map(({ metric, values }) => [metric, ...values.map((value) => knownNumber(value))]),
      ],
    ),
  ]
}

/** The document of `report --format json`, with curves of 500 epochs at most. */
function reportJson(report: Report, cwd: string) {
  const { runs, model, comparison, group } = report
  return {
    ...(group && { [group.kind]: groupJson(group, cwd) }),
    runs: runs.map(({ overview, record, history, epochs }) => {
      const kept = thinned(history.get('val_loss') ?? history.get('loss') ?? epochs)
      const shown = (values: Float64Array): (number | undefined)[] => kept.map((at) => values[at])
      return {
        ...overviewJson(overview, cwd),
        data: record.data,
        weights_sha256: record.weights_sha256,
        history: {
          epoch: shown(epochs),
          ...Object.fromEntries(Array.from(history, ([name, values]) => [name, shown(values)])),
        },
      }
    }),
    findings: findingsOf(report),
    ...(model?.evaluation && {
      evaluation: { on: model.evaluation.on, ...evaluationJson(model.evaluation, STYLE) },
    }),
    ...(model?.data && {
      columns: model.data.profiles,
      distributions: model.data.distributions,
    }),
    ...(comparison && { comparison }),
  }
}

function groupJson(group: ReportedGroup, cwd: string) {
  if (group.kind === 'sweep') return { state: group.state, ...sweepJson(group.outcome, cwd) }
  const { state, repeated, outOfFold } = group
  return {
    state,
    ...repeatedJson(repeated, [], cwd),
    ...(outOfFold && { out_of_fold: evaluationJson(outOfFold, STYLE) }),
  }
}
