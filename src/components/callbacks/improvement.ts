/** The direction in which each metric that a training logs improves, by name; those that are not listed are losses. */
export type Directions = ReadonlyMap<string, 'higher' | 'lower'>

/** The metric that a listener follows, and the direction that it takes for better. */
export type Monitored = {
  readonly monitor: string
  readonly mode: 'auto' | 'min' | 'max'
  readonly min_delta?: number
}

/**
 * Returns a test of whether a metric value is better than an earlier one by more than `min_delta`. Any number is better
 * than none, and NaN is never better. Keras symbol: MonitorCallback, for which a NaN that comes first is the best there is.
 */
export function isBetter(
  { monitor, mode, min_delta = 0 }: Monitored,
  directions: Directions,
): (now: number, best: number | undefined) => boolean {
  const more = mode === 'auto' ? directions.get(monitor) === 'higher' : mode === 'max'
  return (now, best) => {
    if (Number.isNaN(now)) return false
    if (best === undefined) return true
    return more ? now - min_delta > best : now + min_delta < best
  }
}
