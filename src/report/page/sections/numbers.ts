import type { NumbersAnalysis } from '../../../train/analysis/numbers.ts'
import { errorTable } from '../../text/analysis.ts'
import { thinned } from '../../thinned.ts'
import { definedNumber, shortNumber } from '../../text/format.ts'
import { histogram } from '../chart/bar-chart.ts'
import { boundsOf } from '../chart/frame.ts'
import { lineChart } from '../chart/line-chart.ts'
import { scatterChart } from '../chart/scatter-chart.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'

/** Maximum columns of a target with charts. */
const MOST_COLUMNS = 4
const BINS = 24

type TargetColumn = NumbersAnalysis['columns'][number]

/** Errors, predicted against true numbers, residuals, and forecasts over time. */
export function numbersSection(
  title: string,
  output: NumbersAnalysis,
  { isSeries, sourceRow }: { readonly isSeries: boolean; readonly sourceRow: Uint32Array },
): Html | undefined {
  const errors = errorTable(output)
  const shown = output.columns.slice(0, MOST_COLUMNS)
  return section(title, [
    htmlTable('Errors, predicted minus true, in the unit of the target', errors.columns, errors.rows),
    cards(
      shown.flatMap((column) => [
        ...(isSeries ? [{ title: `${column.column} over time`, content: forecast(column, sourceRow) }] : []),
        { title: `${column.column}: predicted and true`, content: predictedAgainstTrue(column) },
        { title: `Residuals of ${column.column}`, content: residuals(column) },
      ]),
    ),
  ])
}

function predictedAgainstTrue({ column, truth, predicted, r2 }: TargetColumn): Html {
  return scatterChart({
    title: `Predicted against true ${column}`,
    description: `R² ${definedNumber(r2)}; on the dashed line, both are equal`,
    x: { label: `true ${column}`, values: truth },
    y: { label: 'predicted', values: predicted },
    isSquare: true,
  })
}

function residuals({ column, truth, predicted, bias, root_mean_squared_error: error }: TargetColumn): Html {
  const distances = predicted.map((value, i) => value - (truth[i] ?? NaN)).filter(Number.isFinite)
  const [low, high] = boundsOf(distances)
  const width = (high - low) / BINS || 1 / BINS
  const heights = new Array<number>(BINS).fill(0)
  for (const value of distances) {
    const bin = Math.min(BINS - 1, Math.floor((value - low) / width))
    heights[bin] = (heights[bin] ?? 0) + 1
  }
  return histogram({
    title: `Residuals of ${column}`,
    description: `Mean ${shortNumber(bias)}, root mean square ${shortNumber(error)}`,
    x: { label: 'predicted minus true' },
    y: { label: 'rows' },
    edges: Array.from({ length: BINS + 1 }, (_, i) => low + i * width),
    series: [{ name: 'rows', heights }],
  })
}

function forecast(
  { column, truth, predicted, mean_absolute_error: error }: TargetColumn,
  sourceRow: Uint32Array,
): Html {
  const order = sourceRow.map((_, i) => i).sort((a, b) => (sourceRow[a] ?? 0) - (sourceRow[b] ?? 0))
  const kept = thinned(Float64Array.from(order, (i) => truth[i] ?? NaN)).map((place) => order[place] ?? 0)
  const x = kept.map((i) => (sourceRow[i] ?? 0) + 1)
  return lineChart({
    title: `Forecasts of ${column} over time`,
    description: `Mean absolute error ${shortNumber(error)}`,
    series: [
      { name: 'true', x, y: kept.map((i) => truth[i] ?? NaN) },
      { name: 'predicted', x, y: kept.map((i) => predicted[i] ?? NaN) },
    ],
    x: { label: 'row of the data' },
    y: { label: column },
  })
}
