import type { RatedLoss } from '../train/learning-rate-range.ts'
import { lineChart } from './page/chart/line-chart.ts'
import { curvesPicture } from './page/curves-picture.ts'
import { jsonText } from './text/json-text.ts'
import { linePlot } from './text/line-plot.ts'
import { lines, render } from './text/terminal-text.ts'
import type { TerminalText } from './text/terminal-text.ts'

/** Losses above this many times the highest of the first steps are drawn at the top. */
const [MOST_SHOWN, BEGINNING] = [1.2, 10]

/** A learning-rate range test. */
type TestedRates = {
  readonly suggested: number | undefined
  readonly current: number | undefined
  readonly losses: readonly RatedLoss[]
}

/** The moving average of the loss by learning rate, and the suggested rate. */
export function renderRates({ suggested, current, losses }: TestedRates, width: number): TerminalText {
  const [first, last] = [losses[0], losses.at(-1)]
  const plot = linePlot(
    {
      x: losses.map(({ rate }) => Math.log(rate)),
      y: shownLosses(losses, ({ smoothed }) => smoothed),
      ends: [rateText(first?.rate ?? NaN), rateText(last?.rate ?? NaN)],
      marked: suggested === undefined ? undefined : { x: Math.log(suggested), name: rateText(suggested) },
    },
    width,
  )
  return lines([
    `loss by learning rate, ${losses.length} steps`,
    ...plot,
    ...(suggested === undefined
      ? ['the loss does not fall at any of these learning rates']
      : [
          `suggested learning_rate: ${rateText(suggested)}, where the loss falls most steeply (its average lags behind)`,
        ]),
    ...(current === undefined ? [] : [`the config has ${rateText(current)}`]),
  ])
}

/** Columns of the curve in a text file. */
const FILE_WIDTH = 80

/** The same as the text of a file. */
export function ratesFile(tested: TestedRates, format: 'text' | 'svg' | 'json'): string {
  if (format === 'text') return render(renderRates(tested, FILE_WIDTH), false, FILE_WIDTH)
  const { suggested, current, losses } = tested
  if (format === 'json') {
    return `${jsonText({
      suggested: suggested ?? null,
      current: current ?? null,
      learning_rates: losses.map(({ rate }) => rate),
      losses: losses.map(({ loss }) => loss),
      smoothed: losses.map(({ smoothed }) => smoothed),
    })}\n`
  }
  const x = losses.map(({ rate }) => rate)
  const description = suggested === undefined ? 'no rate is suggested' : `suggested: ${rateText(suggested)}`
  const content = lineChart({
    title: 'Loss by learning rate',
    description,
    series: [
      { name: 'loss of a batch', x, y: shownLosses(losses, ({ loss }) => loss), style: 'faint' },
      { name: 'moving average', x, y: shownLosses(losses, ({ smoothed }) => smoothed), style: 's0' },
    ],
    x: { label: 'learning rate', isLog: true },
    y: { label: 'loss' },
    ...(suggested !== undefined && { marked: { x: suggested, name: `suggested ${rateText(suggested)}` } }),
  })
  return curvesPicture('Learning-rate range test', [{ title: 'loss', content }])
}

/** Losses by which the curve is still seen where the last ones have exploded. */
function shownLosses(losses: readonly RatedLoss[], of: (one: RatedLoss) => number): number[] {
  const highest = MOST_SHOWN * Math.max(...losses.slice(0, BEGINNING).map(({ smoothed }) => smoothed))
  return losses.map((one) => Math.min(highest, of(one)))
}

function rateText(rate: number): string {
  const short = Number(rate.toPrecision(2))
  return short < 1e-4 ? short.toExponential() : String(short)
}
