import { takeRows } from '../../table/columns/sample.ts'
import { columnNamed } from '../../table/table.ts'
import type { SplitName, Table } from '../../table/table.ts'
import type { PreparedRows } from '../prepare/prepare.ts'
import { evenPositions } from '../rows/picked-rows.ts'
import type { RowSet } from '../rows/row-set.ts'

/** The values of a column in each split, as shares of its rows. */
export type Distribution = {
  readonly column: string
  readonly kind: 'number' | 'string'
  /** The borders of the bins, or the strings. */
  readonly edges: readonly number[]
  readonly labels: readonly string[]
  /** Shares of the rows in each bin, or of each string, in the splits that there are. */
  readonly shares: Readonly<Partial<Record<SplitName, readonly number[]>>>
}

const BINS = 20
/** Maximum strings that are told apart, the most frequent in the training rows. */
const MOST_STRINGS = 8
/** Maximum rows of a split that are looked at. */
export const MOST_ROWS = 20_000

/** The distributions of columns by split, over some of the rows where there are many. */
export async function distributionsOf(
  prepared: PreparedRows,
  columns: readonly string[],
): Promise<Distribution[]> {
  const tables = new Map<SplitName, Table>()
  for (const split of ['train', 'validation', 'test'] as const) {
    const set = prepared[split]
    if (set) tables.set(split, await someRows(prepared.tables[split], set))
  }
  return columns.flatMap((name) => {
    const [first] = [...tables.values()].map((table) => columnNamed(table, name))
    if (!first || first.kind === 'array') return []
    return [first.kind === 'number' ? numbers(name, tables) : strings(name, tables)]
  })
}

/** Rows of a split, evenly spaced where they are many, as they were read. */
async function someRows(table: Table, set: RowSet): Promise<Table> {
  const window = await set.window(evenPositions(set.rows, MOST_ROWS))
  const rows = window.order.map((position) => window.encoded.sourceRow[position] ?? 0).sort()
  set.release(window)
  return takeRows(table, rows)
}

function numbers(column: string, tables: ReadonlyMap<SplitName, Table>): Distribution {
  const values = new Map(Array.from(tables, ([split, table]) => [split, numbersIn(table, column)]))
  let [low, high] = [Infinity, -Infinity]
  for (const own of values.values()) {
    for (const value of own) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  if (low > high) [low, high] = [0, 1]
  const isWhole = [...values.values()].every((own) => own.every(Number.isInteger))
  const { from, width, bins } = isWhole
    ? wholeBins(low, high)
    : { from: low, width: (high - low) / BINS || 1 / BINS, bins: BINS }
  const binOf = (value: number): number => Math.min(bins - 1, Math.floor((value - from) / width))
  const edges = Array.from({ length: bins + 1 }, (_, i) => from + i * width)
  return { column, kind: 'number', edges, labels: [], shares: sharesOf(values, bins, binOf) }
}

/** Bins of as many whole numbers each: in others, some would hold one less, and look rare. */
function wholeBins(low: number, high: number): { from: number; width: number; bins: number } {
  const width = Math.ceil((high - low + 1) / BINS)
  return { from: low - 0.5, width, bins: Math.ceil((high - low + 1) / width) }
}

function numbersIn(table: Table, name: string): number[] {
  const column = columnNamed(table, name)
  return column?.kind === 'number' ? [...column.values].filter(Number.isFinite) : []
}

function strings(column: string, tables: ReadonlyMap<SplitName, Table>): Distribution {
  const values = new Map(
    Array.from(tables, ([split, table]) => {
      const found = columnNamed(table, column)
      return [split, found?.kind === 'string' ? found.values : []]
    }),
  )
  const counts = new Map<string, number>()
  for (const value of values.get('train') ?? []) counts.set(value, (counts.get(value) ?? 0) + 1)
  const frequent = [...counts].toSorted(([, a], [, b]) => b - a).map(([value]) => value)
  const labels = frequent.slice(0, MOST_STRINGS)
  return {
    column,
    kind: 'string',
    edges: [],
    labels,
    shares: sharesOf(values, labels.length, (value) => labels.indexOf(value)),
  }
}

function sharesOf<T>(
  values: ReadonlyMap<SplitName, readonly T[]>,
  bins: number,
  binOf: (value: T) => number,
): Distribution['shares'] {
  return Object.fromEntries(
    Array.from(values, ([split, own]) => {
      const shares = new Array<number>(bins).fill(0)
      for (const value of own) {
        const bin = binOf(value)
        if (shares[bin] !== undefined) shares[bin] += 1 / own.length
      }
      return [split, shares]
    }),
  )
}
