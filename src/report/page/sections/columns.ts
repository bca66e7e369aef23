import type { Analysis, Importance } from '../../../experiment/analysis.ts'
import type { PartialDependence } from '../../../train/analysis/partial-dependence.ts'
import { counted, shortNumber } from '../../text/format.ts'
import { barChart } from '../chart/bar-chart.ts'
import { lineChart, ownColor } from '../chart/line-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, section } from '../table.ts'
import type { Card } from '../table.ts'

/** Columns that are shown, and lines of a chart. */
const [MOST_COLUMNS, MOST_LINES] = [20, 6]

/** The importance of columns, and the mean prediction by their values. */
export function columnsSection({ importance, dependence }: Analysis): Html | undefined {
  return section('What the predictions depend on', [
    cards([
      ...(importance ? [{ title: 'Importance of columns', content: importanceCard(importance) }] : []),
      ...dependence.flatMap(byOutput),
    ]),
  ])
}

function importanceCard({ metric, rows, repeats, columns }: Importance): Html {
  const shown = columns.slice(0, MOST_COLUMNS)
  const chart = barChart({
    title: 'Importance of columns',
    description: shown.map(({ column, mean }) => `${column} ${shortNumber(mean)}`).join(', '),
    bars: shown.map(({ column, mean, deviation }) => ({
      name: column,
      value: mean,
      deviation,
      text: `${shortNumber(mean)} ± ${shortNumber(deviation)}`,
    })),
  })
  const left = columns.length - shown.length
  return markup`${chart}<p class="quiet">How much worse ${metric} is when the values of a column are shuffled among ${counted(rows, 'row')}: mean and standard deviation of ${repeats} shuffles.${left > 0 ? ` ${counted(left, 'more column')}.` : ''}</p>`
}

/** A chart of each output: their predictions may be in different units. */
function byOutput({ column, values, means }: PartialDependence): Card[] {
  const outputs = [...new Set(means.map(({ output }) => output))]
  return outputs.map((output) => ({
    title: `${outputs.length > 1 ? `Prediction of ${output}` : 'Prediction'} by ${column}`,
    content: dependenceCard({ column, values, means: means.filter((one) => one.output === output) }),
  }))
}

function dependenceCard({ column, values, means }: PartialDependence): Html {
  const lines = means
    .map(({ label, mean }, i) => ({ name: label, mean, ...ownColor(i, means.length) }))
    .toSorted((a, b) => spreadOf(b.mean) - spreadOf(a.mean))
    .slice(0, MOST_LINES)
  const xs = values.filter((value) => typeof value === 'number')
  if (xs.length === values.length) {
    return lineChart({
      title: `Mean prediction by ${column}`,
      description: lines
        .map(
          ({ name, mean }) =>
            `${name} from ${shortNumber(mean[0] ?? NaN)} to ${shortNumber(mean.at(-1) ?? NaN)}`,
        )
        .join(', '),
      series: lines.map(({ mean, ...line }) => ({ ...line, x: xs, y: mean })),
      x: { label: column },
      y: { label: 'mean prediction' },
    })
  }
  const [first] = lines
  const chart = barChart({
    title: `Mean prediction of ${first?.name ?? ''} by ${column}`,
    description: values.map((value, i) => `${value} ${shortNumber(first?.mean[i] ?? NaN)}`).join(', '),
    bars: values.map((value, i) => ({
      name: String(value),
      value: first?.mean[i] ?? NaN,
      text: shortNumber(first?.mean[i] ?? NaN),
    })),
  })
  return markup`${chart}<p class="quiet">Mean prediction of ${first?.name}.</p>`
}

function spreadOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values)
}
