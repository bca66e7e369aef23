import { metrics } from '../metrics/index.ts'

/**
 * Returns a test of whether a metric value is better than an earlier one by more than `minDelta`. Any number is better
 * than none, and NaN is never better. Keras symbol: MonitorCallback, for which a NaN that comes first is the best there is.
 */
export function isBetter(
  monitor: string,
  mode: 'auto' | 'min' | 'max',
  minDelta = 0,
): (now: number, best: number | undefined) => boolean {
  const more = mode === 'auto' ? directionOf(monitor) === 'higher' : mode === 'max'
  return (now, best) => {
    if (Number.isNaN(now)) return false
    if (best === undefined) return true
    return more ? now - minDelta > best : now + minDelta < best
  }
}

/** The better direction of a logged metric: that of the member whose type, after the name of an output, ends its name. */
function directionOf(name: string): 'higher' | 'lower' {
  const [metric] = metrics.members
    .filter(({ type }) => name === type || name.endsWith(`_${type}`))
    .sort((a, b) => b.type.length - a.type.length)
  return metric?.better ?? 'lower'
}
