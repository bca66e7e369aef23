import type { Column } from './table.ts'

/** How a feature gives a target away: it is the same, moves exactly with it, or names its classes. */
export function leakOf(feature: Column, target: Column): string | undefined {
  if (feature.kind === 'array' || target.kind === 'array') return undefined
  const rows = target.values.length
  const pairs = Array.from({ length: rows }, (_, row) => [feature.values[row], target.values[row]] as const)
  const known = pairs.filter(([x, y]) => isThere(x) && isThere(y))
  if (known.length < 10 || new Set(known.map(([, y]) => y)).size < 2) return undefined
  if (known.every(([x, y]) => x === y)) return 'is identical to'
  if (isRenaming(known)) return 'has one value for each value of'
  const isStraight =
    feature.kind === 'number' && target.kind === 'number' && Math.abs(correlation(known)) > 1 - 1e-9
  return isStraight ? 'is perfectly correlated with' : undefined
}

type Value = number | string | undefined

function isThere(value: Value): boolean {
  return value !== undefined && value !== '' && !Number.isNaN(value)
}

/** Whether few values stand for few others, one for one; that every number occurs once would prove nothing. */
function isRenaming(pairs: readonly (readonly [Value, Value])[]): boolean {
  const there = new Map<Value, Value>()
  const back = new Map<Value, Value>()
  for (const [x, y] of pairs) {
    if ((there.get(x) ?? y) !== y || (back.get(y) ?? x) !== x) return false
    there.set(x, y)
    back.set(y, x)
    if (there.size * 2 > pairs.length) return false
  }
  return true
}

/** Pearson's coefficient. */
function correlation(pairs: readonly (readonly [Value, Value])[]): number {
  const mean = (at: 0 | 1): number => pairs.reduce((sum, pair) => sum + Number(pair[at]), 0) / pairs.length
  const [meanX, meanY] = [mean(0), mean(1)]
  let [xx, xy, yy] = [0, 0, 0]
  for (const [x, y] of pairs) {
    const [dx, dy] = [Number(x) - meanX, Number(y) - meanY]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy)
}
