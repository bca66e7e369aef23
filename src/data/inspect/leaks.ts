import type { Cell } from '../../runtime/cell.ts'
import { blocksOf } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { present } from '../prepare/passed-columns.ts'

/** Fewer rows prove nothing. */
const MIN_ROWS = 10
/** Maximum values of a feature that renames those of a target. */
const MAX_NAMES = 2 ** 16

/** Returns the way in which a feature gives a target away: it is the same, is exactly linear in it, or renames its classes. */
export function leakOf(table: Table, feature: Column, target: Column): string | undefined {
  if (table.rows < MIN_ROWS) return undefined
  let suspicions = [identity(), renaming(), straightLine()]
  let known = 0
  let first: Cell
  let varies = false
  for (const { table: block } of blocksOf(table)) {
    const pairs = knownPairs(findColumn(block, feature.name, 'data'), findColumn(block, target.name, 'data'))
    if (!pairs) return undefined
    suspicions = suspicions.filter(({ fits }) => fits(pairs))
    if (suspicions.length === 0) return undefined
    const { ys, rows } = pairs
    known += rows.length
    first ??= rows[0] === undefined ? undefined : ys[rows[0]]
    varies ||= rows.some((row) => ys[row] !== first)
  }
  if (known < MIN_ROWS || !varies) return undefined
  return suspicions.find(({ isProven }) => isProven(known))?.says
}

type ColumnValues = Float64Array | readonly string[]

/** The values of a feature and a target, and the rows that lack neither. */
type Pairs = { xs: ColumnValues; ys: ColumnValues; rows: Uint32Array }

function knownPairs(feature: Column, target: Column): Pairs | undefined {
  if (feature.kind === 'array' || target.kind === 'array') return undefined
  const [xs, ys] = [feature.values, target.values]
  const rows = new Uint32Array(xs.length)
  let count = 0
  for (let row = 0; row < xs.length; row++)
    if (present(xs[row]) !== undefined && present(ys[row]) !== undefined) rows[count++] = row
  return { xs, ys, rows: rows.subarray(0, count) }
}

/** A possible relation of a feature to a target, until rows contradict it. */
type Suspicion = {
  /** Its verb phrase in a message. */
  says: string
  /** True if further rows agree. */
  fits(pairs: Pairs): boolean
  /** True if this number of agreeing rows proves it. */
  isProven(known: number): boolean
}

function identity(): Suspicion {
  return {
    says: 'is identical to',
    fits: ({ xs, ys, rows }) => rows.every((row) => xs[row] === ys[row]),
    isProven: () => true,
  }
}

/** Few values stand for few others, one for one; values that occur once each would prove nothing. */
function renaming(): Suspicion {
  const there = new Map<Cell, Cell>()
  const back = new Map<Cell, Cell>()
  return {
    says: 'has one value for each value of',
    fits({ xs, ys, rows }) {
      for (const row of rows) {
        const x = xs[row]
        const y = ys[row]
        if ((there.get(x) ?? y) !== y || (back.get(y) ?? x) !== x) return false
        there.set(x, y)
        back.set(y, x)
        if (there.size > MAX_NAMES) return false
      }
      return true
    },
    isProven: (known) => there.size * 2 <= known,
  }
}

/** Tests Pearson's coefficient. */
function straightLine(): Suspicion {
  let sums = { count: 0, meanX: 0, meanY: 0, xx: 0, xy: 0, yy: 0 }
  return {
    says: 'is perfectly correlated with',
    fits({ xs, ys, rows }) {
      if (!(xs instanceof Float64Array && ys instanceof Float64Array)) return false
      let { count, meanX, meanY, xx, xy, yy } = sums
      for (const row of rows) {
        const dx = (xs[row] ?? 0) - meanX
        const dy = (ys[row] ?? 0) - meanY
        count += 1
        meanX += dx / count
        meanY += dy / count
        xx += dx * ((xs[row] ?? 0) - meanX)
        xy += dx * ((ys[row] ?? 0) - meanY)
        yy += dy * ((ys[row] ?? 0) - meanY)
      }
      sums = { count, meanX, meanY, xx, xy, yy }
      return true
    },
    isProven: () => Math.abs(sums.xy / Math.sqrt(sums.xx * sums.yy)) > 1 - 1e-9,
  }
}
