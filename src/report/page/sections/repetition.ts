import type { ReportedGroup } from '../../report.ts'
import { counted, shortNumber } from '../../text/format.ts'
import { runName } from '../../../run/run-name.ts'
import { foldTable, rangeTable, trialSpreads } from '../../text/repetition.ts'
import type { TrialSpread } from '../../text/repetition.ts'
import { spreadChart } from '../chart/spread-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, runCell, section } from '../table.ts'
import type { Card } from '../table.ts'
import { outputSections } from './outputs.ts'
import { curvesOf } from './comparison.ts'
import type { NamedRun } from './comparison.ts'
import { rowsSection } from './rows.ts'

/** Maximum folds that are columns of the table, and metrics with a chart. */
const [MOST_FOLDS, MOST_CHARTS] = [10, 8]

type ReportedRepetition = Extract<ReportedGroup, { kind: 'cv' | 'seeds' }>

/** The spread of every metric over folds or seeds, their curves, and what the models of folds predict for their rows. */
export function repetitionSections(
  group: ReportedRepetition,
  runs: readonly NamedRun[],
  cwd: string,
): (Html | undefined)[] {
  const { repeated, outOfFold, kind } = group
  const { columns, rows } =
    kind === 'cv' && repeated.results.length <= MOST_FOLDS ? foldTable(repeated) : rangeTable(repeated)
  const trials = counted(repeated.results.length, kind === 'cv' ? 'fold' : 'seed')
  return [
    section('Metrics', [htmlTable(`Mean and deviation over ${trials}`, columns, rows)]),
    section('Spread', [cards(spreadCharts(group))]),
    section('Curves', [cards(curvesOf(runs))]),
    ...(outOfFold
      ? [
          markup`<p class="quiet">Below: ${counted(outOfFold.rows, 'row')}, each predicted by the model of the fold that it is in, which was not trained on it.</p>`,
          ...outputSections(outOfFold.analysis, outOfFold.outputs, outOfFold),
          rowsSection(outOfFold.analysis.worst, undefined),
        ]
      : []),
    section('Runs', [
      htmlTable(
        'Each with a report of its own: nnlab report RUN',
        [{ title: 'Run' }, { title: 'Weights (SHA-256)' }],
        runs.map(({ run: { overview, record } }) => [
          runCell(runName(overview.run, cwd)),
          record.weights_sha256 ?? '',
        ]),
      ),
    ]),
  ]
}

/** A chart of each metric of validation and test rows; of training rows where there are no others. */
export function spreadCharts({ repeated, kind }: ReportedRepetition): Card[] {
  const all = trialSpreads(repeated)
  const measured = all.filter(({ metric }) => /^(val_|test )/.test(metric))
  const names = repeated.results.map(({ trial }) => String(trial.number))
  return (measured.length > 0 ? measured : all).slice(0, MOST_CHARTS).map((spread) => ({
    title: spread.metric,
    content: chartOf(spread, names, kind === 'cv' ? 'fold' : 'seed'),
  }))
}

function chartOf({ metric, values, mean, deviation }: TrialSpread, names: string[], label: string): Html {
  const chart = spreadChart({
    title: `${metric} by ${label}`,
    description: `Mean ${shortNumber(mean)}, deviation ${shortNumber(deviation)}`,
    x: { label, names },
    y: { label: metric },
    values,
    mean,
    deviation,
  })
  return markup`${chart}<p class="quiet">Mean ${shortNumber(mean)}, and a band of one deviation, ${shortNumber(deviation)}.</p>`
}
