import { metrics } from '../../metrics/index.ts'

type Mode = 'auto' | 'min' | 'max'

/**
 * Whether a figure is better than an earlier one, by more than `minDelta`. Any number is better than none, and NaN is
 * never better. Keras symbol: MonitorCallback, for which a NaN that comes first is the best there is.
 */
export function isBetter(
  monitor: string,
  mode: Mode,
  minDelta = 0,
): (now: number, best: number | undefined) => boolean {
  const more = mode === 'auto' ? directionOf(monitor) === 'higher' : mode === 'max'
  return (now, best) => {
    if (Number.isNaN(now)) return false
    if (best === undefined) return true
    return more ? now - minDelta > best : now + minDelta < best
  }
}

/** Which way a logged figure is better: that of the metric whose name, after that of an output, ends it; less of a loss. */
function directionOf(figure: string): 'higher' | 'lower' {
  const [metric] = metrics.members
    .filter(({ type }) => figure === type || figure.endsWith(`_${type}`))
    .sort((a, b) => b.type.length - a.type.length)
  return metric?.better ?? 'lower'
}
