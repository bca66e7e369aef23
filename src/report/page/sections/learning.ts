import type { ReportedRun } from '../../report.ts'
import { shortNumber } from '../../text/format.ts'
import { lineChart } from '../chart/line-chart.ts'
import type { LineSeries } from '../chart/line-chart.ts'
import type { Html } from '../html.ts'
import { cards, section } from '../table.ts'
import type { Card } from '../table.ts'
import { bestText } from './head.ts'

/** Curves of every metric over the epochs, of the training and the validation rows. */
export function learningSection(run: ReportedRun): Html | undefined {
  return section('Learning curves', [cards(learningCharts(run))])
}

export function learningCharts(run: ReportedRun): Card[] {
  const { history, epochs, overview } = run
  if (epochs.length === 0) return []
  const names = [...new Set([...history.keys()].map((name) => name.replace(/^val_/, '')))]
  return names.map((name) => {
    const series = [
      ['training', name],
      ['validation', `val_${name}`],
    ].flatMap(([title = '', key = '']): LineSeries[] => {
      const y = history.get(key)
      return y ? [{ name: title, x: epochs, y }] : []
    })
    const ends = series.map(
      (one) => `${one.name} from ${shortNumber(one.y[0] ?? NaN)} to ${shortNumber(lastOf(one.y))}`,
    )
    const best = overview.best
    const content = lineChart({
      title: `${name} by epoch`,
      description: `${ends.join(', ')}. Best: ${bestText(run)}`,
      series,
      x: { label: 'epoch', isWhole: true },
      y: { label: name },
      ...(best && { marked: { x: best.epoch, name: `best ${best.metric}` } }),
    })
    return { title: name, content }
  })
}

function lastOf(values: ArrayLike<number>): number {
  return values[values.length - 1] ?? NaN
}
