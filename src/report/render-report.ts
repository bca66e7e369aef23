import { findingsOf } from './findings/findings.ts'
import { curvesPicture } from './page/curves-picture.ts'
import { reportPage } from './page/report-page.ts'
import { comparedCurves } from './page/sections/comparison.ts'
import { nameOf } from './page/sections/head.ts'
import { learningCharts } from './page/sections/learning.ts'
import type { Report } from './report.ts'
import { visible } from './text/characters.ts'
import { evaluationJson, evaluationLines } from './text/evaluation.ts'
import { counted, shortNumber } from './text/format.ts'
import { jsonText } from './text/json-text.ts'
import { markdownTable, numbers } from './text/table.ts'
import { specValue } from './text/runs.ts'
import { thinned } from './thinned.ts'

/** A report as one document; runs are called by their names. */
export function renderReport(
  report: Report,
  names: readonly string[],
  format: 'html' | 'md' | 'json' | 'svg',
): string {
  switch (format) {
    case 'html':
      return reportPage(report, names)
    case 'md':
      return `${markdownLines(report, names).join('\n')}\n`
    case 'json':
      return `${jsonText(reportJson(report, names))}\n`
    case 'svg':
      return curvesPicture(titleOf(report), chartsOf(report, names))
  }
}

function titleOf({ runs }: Report): string {
  const [run] = runs
  return runs.length === 1 && run ? nameOf(run) : counted(runs.length, 'run')
}

function chartsOf({ runs }: Report, names: readonly string[]) {
  const [run] = runs
  return runs.length === 1 && run ? learningCharts(run) : comparedCurves(runs, names)
}

function markdownLines(report: Report, names: readonly string[]): string[] {
  const { model, comparison } = report
  const findings = findingsOf(report)
  const evaluation = model?.evaluation
  return [
    `# ${visible(titleOf(report))}`,
    '',
    names.map(visible).join(', '),
    ...(findings.length === 0 ? [] : ['', '## Findings', '']),
    ...findings.map(
      ({ text, advice }) => `- **${visible(text)}**${advice === undefined ? '' : ` ${visible(advice)}`}`,
    ),
    ...(evaluation
      ? [
          '',
          '## Metrics',
          '',
          ...evaluationLines(`${evaluation.on} rows`, evaluation, { format: 'md', thresholds: false }),
        ]
      : []),
    ...(comparison ? comparisonLines(comparison, names) : []),
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
        ...metrics.map(({ metric, values }) => [
          metric,
          ...values.map((value) => (value === null ? '' : shortNumber(value))),
        ]),
      ],
    ),
  ]
}

/** The document of `report --format json`, with curves of 500 epochs at most. */
function reportJson(report: Report, names: readonly string[]) {
  const { runs, model, comparison } = report
  return {
    runs: runs.map(({ overview: { best, ...overview }, record, history, epochs }, i) => {
      const kept = thinned(history.get('val_loss') ?? history.get('loss') ?? epochs)
      const shown = (values: Float64Array): (number | undefined)[] => kept.map((at) => values[at])
      return {
        ...overview,
        run: names[i],
        ...(best && { best: { figure: best.metric, value: best.value, epoch: best.epoch } }),
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
      evaluation: { on: model.evaluation.on, ...evaluationJson(model.evaluation, { thresholds: false }) },
    }),
    ...(model?.data && {
      columns: model.data.profiles,
      distributions: model.data.distributions,
    }),
    ...(comparison && { comparison }),
  }
}
