import type { SweepOutcome, TrialOutcome } from '../../../sweep/sweep-result.ts'
import { ranked } from '../../../sweep/sweep-result.ts'
import { counted, percent, shortNumber } from '../../text/format.ts'
import { runName } from '../../../run/run-name.ts'
import { shortPath } from '../../text/runs.ts'
import { parametersOf, parameterTable, trialTable } from '../../text/sweep.ts'
import { barChart } from '../chart/bar-chart.ts'
import { parallelCoordinates } from '../chart/parallel-coordinates.ts'
import { scatterChart } from '../chart/scatter-chart.ts'
import { valueAxis } from '../chart/value-axis.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'
import type { Card } from '../table.ts'
import { curvesOf } from './comparison.ts'
import type { NamedRun } from './comparison.ts'

/** Maximum trials of the table, axes and lines of the parallel coordinates, and parameters with a chart. */
const [MOST_TRIALS, MOST_AXES, MOST_LINES, MOST_CHARTS] = [200, 9, 500, 12]
/** Steps of the color of a trial, from the worst fifth to the best. */
const RANKS = 5

/** The best trial, what each parameter did, the curves and the table of the trials. Runs are those of the best trial first. */
export function sweepSections(
  outcome: SweepOutcome,
  runs: readonly NamedRun[],
  cwd: string,
): (Html | undefined)[] {
  return [
    section('Best trial', [bestTrial(outcome, cwd)]),
    section('What each parameter did', [parallel(outcome), cards(parameterCards(outcome))]),
    section('Curves', [cards(curvesOf(runs))]),
    section('Trials, the best first', [trials(outcome)]),
  ]
}

/** The charts of a sweep, for a picture. */
export function sweepCharts(outcome: SweepOutcome, runs: readonly NamedRun[]): Card[] {
  const lines = parallelChart(outcome)
  return [
    ...(lines ? [{ title: 'Parameters', content: lines }] : []),
    ...parameterCards(outcome),
    ...curvesOf(runs),
  ]
}

function bestTrial(outcome: SweepOutcome, cwd: string): Html | undefined {
  const { best, bestConfig, metric, sweep } = outcome
  if (best?.value === undefined) return markup`<p>No trial has completed yet.</p>`
  const { columns, rows } = parameterTable(outcome)
  const deviation = best.deviation === undefined ? '' : ` ± ${shortNumber(best.deviation)}`
  const [run] = best.runs
  const commands = [
    ...(bestConfig === undefined ? [] : [`nnlab train ${runName(bestConfig, cwd)}`]),
    ...(run ? [`nnlab report ${runName(`${sweep}/${run.run}`, cwd)}`] : []),
  ]
  return markup`<p>Trial <strong>${best.trial}</strong>: ${metric.name} <strong>${shortNumber(best.value)}${deviation}</strong> after ${counted(best.epochs, 'epoch')}.</p>${htmlTable(
    'Importance: the share of the variance between trials that a parameter explains by itself',
    columns,
    rows,
  )}<p class="quiet">To train it again, and to look at it:${commands.map((command) => markup`<br><code>${command}</code>`)}</p>`
}

function parallel(outcome: SweepOutcome): Html | undefined {
  const chart = parallelChart(outcome)
  return (
    chart &&
    markup`<div class="picture scroll" tabindex="0" role="region" aria-label="Parameters of all trials">${chart}</div><p class="quiet">A line is a trial: the bluer, the better; the best one is orange.</p>`
  )
}

function parallelChart(outcome: SweepOutcome): Html | undefined {
  const { metric } = outcome
  const rankedTrials = ranked(outcome, outcome.trials).filter(({ value }) => value !== undefined)
  const parameters = parametersOf(outcome).slice(0, MOST_AXES - 1)
  if (rankedTrials.length < 2 || parameters.length === 0) return undefined
  const step = Math.ceil(rankedTrials.length / MOST_LINES)
  const shown = rankedTrials.filter((_, i) => i % step === 0)
  const axes = [
    ...parameters.map(({ path, label }) =>
      valueAxis(
        label,
        shown.map(({ set }) => set[path]),
      ),
    ),
    valueAxis(
      metric.name,
      shown.map(({ value }) => value),
    ),
  ]
  const lines = shown.map((trial, i) => ({
    name: trialTitle(trial, metric.name),
    places: axes.map(({ places }) => places[i] ?? NaN),
    style: i === 0 ? 's1 best' : `rank${RANKS - Math.floor((RANKS * i) / shown.length)}`,
  }))
  return parallelCoordinates({
    title: `Parameters and ${metric.name} of ${counted(shown.length, 'trial')}`,
    description: shown
      .slice(0, 3)
      .map((trial) => trialTitle(trial, metric.name))
      .join('; '),
    axes: axes.map(({ axis }) => axis),
    // The best is drawn last, over the others.
    lines: lines.toReversed(),
  })
}

function importanceText(share: number | null | undefined): string[] {
  return typeof share === 'number' ? [`importance ${percent(share)}`] : []
}

function trialTitle({ trial, value = NaN }: TrialOutcome, metric: string): string {
  return `trial ${trial}: ${metric} ${shortNumber(value)}`
}

function parameterCards(outcome: SweepOutcome): Card[] {
  const { metric, importance, trials } = outcome
  const known = trials.filter(({ value }) => value !== undefined)
  if (known.length < 2) return []
  const shares = Object.entries(importance)
    .flatMap(([path, share]) => (share === null ? [] : [{ path, share }]))
    .toSorted((a, b) => b.share - a.share)
  const bars: Card = {
    title: 'Importance',
    content: barChart({
      title: 'Importance of parameters',
      description: shares.map(({ path, share }) => `${path} ${percent(share)}`).join(', '),
      bars: shares.slice(0, MOST_CHARTS).map(({ path, share }) => ({
        name: shortPath(path, Object.keys(importance)),
        value: share,
        text: percent(share),
      })),
    }),
  }
  return [
    ...(shares.length === 0 ? [] : [bars]),
    ...parametersOf(outcome)
      .slice(0, MOST_CHARTS)
      .map(({ path, label }) => {
        const { axis, places } = valueAxis(
          label,
          known.map(({ set }) => set[path]),
        )
        const content = scatterChart({
          title: `${metric.name} by ${label}`,
          description: [counted(known.length, 'trial'), ...importanceText(importance[path])].join('; '),
          x: { ...axis, values: places },
          y: { label: metric.name, values: known.map(({ value = NaN }) => value) },
        })
        return { title: `${metric.name} by ${label}`, content }
      }),
  ]
}

function trials(outcome: SweepOutcome): Html {
  const { columns, rows } = trialTable(outcome, MOST_TRIALS)
  const all = outcome.trials.length
  return htmlTable(
    rows.length < all ? `The best ${rows.length} of ${all} trials` : counted(all, 'trial'),
    columns,
    rows,
  )
}
