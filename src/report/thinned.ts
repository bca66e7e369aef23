/** Maximum points of a curve. */
const MOST_POINTS = 500

/**
 * Positions of the points of a curve that are kept where there are many: the first, the last, and of each of equal
 * stretches between them the lowest and the highest. Gaps (NaN) are lost where the stretch has numbers.
 */
export function thinned(values: ArrayLike<number>, most = MOST_POINTS): number[] {
  const { length } = values
  if (length <= most) return Array.from({ length }, (_, i) => i)
  const stretches = Math.floor((most - 2) / 2)
  const kept = new Set([0])
  for (let stretch = 0; stretch < stretches; stretch++) {
    const first = 1 + Math.floor((stretch * (length - 2)) / stretches)
    const end = 1 + Math.floor(((stretch + 1) * (length - 2)) / stretches)
    let [low, high] = [first, first]
    for (let i = first; i < end; i++) {
      if (isLess(values[i], values[low])) low = i
      if (isLess(values[high], values[i])) high = i
    }
    kept.add(Math.min(low, high)).add(Math.max(low, high))
  }
  return [...kept.add(length - 1)]
}

/** True for a number below another, or any number where the other is NaN. */
function isLess(a = NaN, b = NaN): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a))
}
