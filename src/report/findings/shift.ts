import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'
import { MOST_ROWS } from '../../data/inspect/distributions.ts'
import type { Distribution } from '../../data/inspect/distributions.ts'
import { sum } from '../../statistics.ts'
import type { SplitName } from '../../table/table.ts'
import type { ReportedData } from '../report.ts'
import { percent } from '../text/format.ts'

/** A column differs where this share of the rows lies elsewhere, and this many times what splits by chance would show. */
const [LEAST_SHIFT, TIMES_CHANCE] = [0.2, 2]
/** Maximum columns that are named. */
const MOST_COLUMNS = 3

type Rows = Readonly<Record<SplitName, number>>

/** Columns whose values in the rows that are measured are distributed unlike those in the training rows. */
export function shiftFindings(
  { distributions, profiles }: ReportedData,
  on: SplitName,
  rows: Rows,
): Finding[] {
  if (on === 'train') return []
  const features = new Set(profiles.flatMap(({ name, role }) => (role === 'feature' ? name : [])))
  const shifted = distributions
    .filter(({ column }) => features.has(column))
    .map((one) => ({ column: one.column, ...shiftOf(one, on, rows) }))
    .filter(({ shift, chance }) => shift > Math.max(LEAST_SHIFT, TIMES_CHANCE * chance))
    .toSorted((a, b) => b.shift - a.shift)
  if (shifted.length === 0) return []
  const named = shifted
    .slice(0, MOST_COLUMNS)
    .map(({ column, shift }) => `${column} (${percent(shift)} of the rows lie elsewhere)`)
    .join(', ')
  const left = shifted.length > MOST_COLUMNS ? ` and ${shifted.length - MOST_COLUMNS} more` : ''
  return [
    {
      severity: 'serious',
      text: `The ${on} rows are unlike the training rows in ${named}${left}.`,
      advice:
        'The model is measured on what it has hardly seen. Were the splits made by a file, a time or an order? See the distributions below.',
    },
  ]
}

/** The total variation distance of two splits, and what it is expected to be where both are drawn from the same rows. */
function shiftOf({ shares }: Distribution, on: SplitName, rows: Rows): { shift: number; chance: number } {
  const [ours, theirs] = [withRest(shares.train), withRest(shares[on])]
  const spread = 1 / Math.min(MOST_ROWS, rows.train) + 1 / Math.min(MOST_ROWS, rows[on])
  let [shift, chance] = [0, 0]
  for (const [bin, own] of ours.entries()) {
    const other = theirs[bin] ?? 0
    const mean = (own * rows.train + other * rows[on]) / (rows.train + rows[on])
    shift += Math.abs(own - other) / 2
    chance += Math.sqrt((2 / Math.PI) * Math.max(0, mean * (1 - mean)) * spread) / 2
  }
  return { shift, chance }
}

/** Shares, and that of the values which are in no bin. */
function withRest(shares: readonly number[] = []): number[] {
  return [...shares, Math.max(0, 1 - sum(shares))]
}
