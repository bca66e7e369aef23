import type { RunComparison } from '../../../run/run-comparison.ts'
import type { ReportedRun } from '../../report.ts'
import { knownNumber, shortNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { shortPath, specValue, tellingKeys } from '../../text/runs.ts'
import { lineChart } from '../chart/line-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, runCell, section } from '../table.ts'
import type { Card } from '../table.ts'
import { bestText } from './head.ts'

/** Runs that are told apart by color; of more, only the best one is. */
const MOST_COLORS = 8
/** Maximum curves of a chart. */
const MOST_CURVES = 200
/** Maximum different values of a key whose effect is shown, and keys that are columns. */
const [MOST_VALUES, MOST_KEYS] = [8, 10]

/** The key that the table shows as what was done. */
const EPOCHS = 'fit.epochs'

/** A run with its name. */
export type NamedRun = { readonly name: string; readonly run: ReportedRun }

/** Curves of several runs over each other, what differs between them, and what it did. */
export function comparisonSections(
  runs: readonly ReportedRun[],
  names: readonly string[],
  comparison: RunComparison,
): (Html | undefined)[] {
  const ranked = rankedRuns(namedRuns(runs, names))
  return [
    section('Curves', [bestRun(ranked), cards(curvesOf(ranked))]),
    section('What differs, and what it did', effects(ranked)),
    section('Runs, the best first', [runTable(ranked, comparison)]),
  ]
}

function namedRuns(runs: readonly ReportedRun[], names: readonly string[]): NamedRun[] {
  return runs.map((run, i) => ({ run, name: names[i] ?? '' }))
}

/** Runs by their best value of the metric that ranks their epochs. */
function rankedRuns(all: readonly NamedRun[]): NamedRun[] {
  const worth = ({ run: { overview } }: NamedRun): number => {
    const { value = Infinity, better = 'lower' } = overview.best ?? {}
    return better === 'lower' ? value : -value
  }
  return all.toSorted((a, b) => worth(a) - worth(b))
}

function bestRun([best]: readonly NamedRun[]): Html | undefined {
  const text = best && bestText(best.run)
  return text ? markup`<p>The best run is <strong>${best.name}</strong>: ${text}.</p>` : undefined
}

function runTable(ranked: readonly NamedRun[], comparison: RunComparison): Html {
  const all = tellingKeys(ranked.map(({ run }) => run.overview))
  const keys = all.slice(0, MOST_KEYS)
  const metrics = comparison.metrics.map(({ metric }) => metric)
  const [first] = ranked
  const best = first?.run.overview.best
  return htmlTable(
    `${comparison.spec.length === 0 ? 'The configs are the same' : 'With the keys in which they differ'}${best ? `; by the best ${best.metric}` : ''}`,
    [
      { title: 'Run' },
      ...keys.map((path) => ({ title: shortPath(path, all) })),
      ...numbers('Epochs', `Best ${best?.metric ?? ''}`, ...metrics),
    ],
    ranked.map(({ name, run }) => [
      runCell(name),
      ...keys.map((path) => specValue(run.overview.differing[path])),
      String(run.overview.epochs.done),
      run.overview.best ? shortNumber(run.overview.best.value) : '',
      ...metrics.map((metric) => metricText(run, metric)),
    ]),
  )
}

function metricText({ record }: ReportedRun, metric: string): string {
  const value = metric.startsWith('test_') ? record.test?.[metric.slice(5)] : record.metrics?.[metric]
  return knownNumber(value)
}

/** The curves of several runs over each other, a chart a metric. */
export function comparedCurves(runs: readonly ReportedRun[], names: readonly string[]): Card[] {
  return curvesOf(rankedRuns(namedRuns(runs, names)))
}

/** A chart of each metric, of runs from the best to the worst: of many only of validation rows, where there are some. */
export function curvesOf(all: readonly NamedRun[]): Card[] {
  const ranked = everyNth(all, MOST_CURVES)
  const names = [...new Set(ranked.flatMap(({ run }) => [...run.history.keys()]))]
  const validation = names.filter((name) => name.startsWith('val_'))
  const metrics = ranked.length > MOST_COLORS && validation.length > 0 ? validation : names
  return metrics.map((metric) => {
    const series = ranked.flatMap(({ name, run }, i) => {
      const y = run.history.get(metric)
      const style = ranked.length <= MOST_COLORS ? `s${i}` : i === 0 ? 's0' : 'faint'
      return y ? [{ name, x: run.epochs, y, style }] : []
    })
    const many = ranked.length > MOST_COLORS
    const content = lineChart({
      title: `${metric} of ${series.length} runs by epoch`,
      description: series
        .slice(0, MOST_COLORS)
        .map(({ name, y }) => `${name} ends at ${shortNumber(y.at(-1) ?? NaN)}`)
        .join(', '),
      // Of many, the best is drawn last, over the others.
      series: many ? series.toReversed() : series,
      x: { label: 'epoch', isWhole: true },
      y: { label: metric },
      mostNamed: MOST_COLORS,
    })
    const left = all.length - ranked.length
    const note = many
      ? markup`<p class="quiet">Colored: ${ranked[0]?.name}, the best run.${left > 0 ? ` ${ranked.length} of ${all.length} runs are shown, from the best to the worst.` : ''}</p>`
      : undefined
    return { title: metric, content: markup`${content}${note}` }
  })
}

/** The first and others at equal distances, where there are more than `most`. */
function everyNth<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(all.length / most)
  return step > 1 ? all.filter((_, i) => i % step === 0) : all
}

/** The mean of the ranking metric over the runs with each value of a key. */
function effects(ranked: readonly NamedRun[]): Html[] {
  const metric = ranked[0]?.run.overview.best?.metric
  if (metric === undefined) return []
  const overviews = ranked.map(({ run }) => run.overview)
  const epochs = overviews[0] && EPOCHS in overviews[0].differing ? [EPOCHS] : []
  return [...tellingKeys(overviews), ...epochs].flatMap((path) => {
    const groups = new Map<string, number[]>()
    for (const { run } of ranked) {
      const { best } = run.overview
      if (best?.metric !== metric) continue
      const value = specValue(run.overview.differing[path])
      groups.set(value, [...(groups.get(value) ?? []), best.value])
    }
    if (groups.size < 2 || groups.size > MOST_VALUES) return []
    return [
      htmlTable(
        `Best ${metric} by ${path}`,
        [{ title: path }, ...numbers('Runs', 'Mean', 'Lowest', 'Highest')],
        Array.from(groups, ([value, found]) => [
          value,
          String(found.length),
          shortNumber(found.reduce((sum, one) => sum + one, 0) / found.length),
          shortNumber(Math.min(...found)),
          shortNumber(Math.max(...found)),
        ]),
      ),
    ]
  })
}
