import type { ReportedModel, ReportedRun } from '../../report.ts'
import { intervalText } from '../../text/evaluation.ts'
import { capitalized, counted, knownNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { htmlTable, section } from '../table.ts'

/** Metric values of the splits, with confidence intervals of those that were measured now. */
export function scoresSection({ record }: ReportedRun, model: ReportedModel | undefined): Html | undefined {
  const evaluation = model?.evaluation
  const recorded = record.metrics ?? {}
  const names = new Set([
    ...Object.keys(recorded).map((name) => name.replace(/^val_/, '')),
    ...Object.keys(evaluation?.metrics ?? {}),
  ])
  if (names.size === 0) return undefined
  const tested = evaluation ? `${evaluation.on} rows` : 'test rows'
  const rows = [...names].map((name) => {
    const interval = evaluation?.analysis.intervals[name]
    return [
      name,
      knownNumber(recorded[name]),
      knownNumber(recorded[`val_${name}`]),
      knownNumber(evaluation?.metrics[name] ?? record.test?.[name]),
      interval ? intervalText(interval) : '',
    ]
  })
  const drawn = rows.some((row) => row.at(-1) !== '') ? '; intervals by 1,000 bootstrap samples of them' : ''
  const caption = evaluation
    ? `Over ${counted(evaluation.rows, 'row')} of the ${evaluation.on} split${drawn}`
    : 'As the run recorded them'
  return section('Metrics', [
    htmlTable(
      caption,
      [
        { title: 'Metric' },
        ...numbers('Training, last epoch', 'Validation', capitalized(tested), '95 % interval'),
      ],
      rows,
    ),
    ...(evaluation?.notes ?? []).map((note) => markup`<p class="quiet">${note}.</p>`),
  ])
}
