import type { Distribution } from '../../../data/inspect/distributions.ts'
import type { ReportedData } from '../../report.ts'
import { cellText } from '../../text/analysis.ts'
import { PROFILE, valuesText } from '../../text/data.ts'
import { count, counted, knownNumber, shortNumber } from '../../text/format.ts'
import { numbers } from '../../text/table.ts'
import { histogram } from '../chart/bar-chart.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { cards, htmlTable, section } from '../table.ts'

/** Columns of a table that is not folded. */
const MOST_OPEN = 20
/** Columns of the table, labels, and columns with a picture of their own. */
const [MOST_COLUMNS, MOST_LABELS, MOST_PICTURES] = [60, 40, 8]
/** Strings are shown where the most frequent ones are together as large a share of the rows. */
const LEAST_SHARE = 0.2
const TITLES = { train: 'training', validation: 'validation', test: 'test' } as const

/** The columns as training saw them, the labels of each split, and the distribution of values by split. */
export function dataSection({ source, profiles, labels, distributions }: ReportedData): Html | undefined {
  const left = profiles.length - MOST_COLUMNS
  const table = htmlTable(
    source.replace(/^.*[/\\](?=[^/\\]+$)/, ''),
    PROFILE,
    profiles
      .slice(0, MOST_COLUMNS)
      .map((profile) => [
        profile.name,
        profile.role,
        count(profile.missing),
        ...[profile.min, profile.max].map((value) => (value === undefined ? '' : cellText(value))),
        ...[profile.mean, profile.deviation].map((value) => knownNumber(value)),
        valuesText(profile),
      ]),
  )
  const labelTables = Array.from(labels, ([output, counts]) =>
    htmlTable(
      `Rows of each label${labels.size === 1 ? '' : ` of ${output}`}${counts.size > MOST_LABELS ? `: the first ${MOST_LABELS} of ${count(counts.size)}` : ''}`,
      [{ title: 'Label' }, ...numbers('Training', 'Validation', 'Test')],
      Array.from(counts)
        .slice(0, MOST_LABELS)
        .map(([label, { train, validation, test }]) => [label, ...[train, validation, test].map(count)]),
    ),
  )
  return section('Data', [
    profiles.length > MOST_OPEN
      ? markup`<details><summary>${count(profiles.length)} columns</summary>${table}${left > 0 ? markup`<p class="quiet">... and ${counted(left, 'more column')}.</p>` : undefined}</details>`
      : table,
    ...labelTables,
    cards(mostDifferent(distributions).map((one) => ({ title: one.column, content: distributionCard(one) }))),
  ])
}

/** The columns whose splits differ most come first. */
function mostDifferent(distributions: readonly Distribution[]): Distribution[] {
  const distance = ({ shares: { train = [], validation, test } }: Distribution): number =>
    [validation, test].reduce(
      (most, other) =>
        Math.max(most, other?.reduce((sum, share, i) => sum + Math.abs(share - (train[i] ?? 0)), 0) ?? 0),
      0,
    )
  return distributions
    .filter(hasFrequentValues)
    .toSorted((a, b) => distance(b) - distance(a))
    .slice(0, MOST_PICTURES)
}

/** False for texts and keys, nearly each of which is another. */
function hasFrequentValues({ kind, shares: { train = [] } }: Distribution): boolean {
  return kind === 'number' || train.reduce((sum, share) => sum + share, 0) >= LEAST_SHARE
}

function distributionCard({ column, kind, edges, labels, shares }: Distribution): Html {
  const splits = (['train', 'validation', 'test'] as const).flatMap((split) => {
    const heights = shares[split]
    return heights ? [{ name: TITLES[split], heights }] : []
  })
  if (kind === 'string') {
    return htmlTable(
      `Share of the rows by ${column}, the most frequent values`,
      [{ title: 'Value' }, ...numbers(...splits.map(({ name }) => name))],
      labels.map((label, i) => [
        label === '' ? '(missing)' : label,
        ...splits.map(({ heights }) => shortNumber(heights[i] ?? 0)),
      ]),
    )
  }
  return histogram({
    title: `Distribution of ${column} by split`,
    description: `From ${shortNumber(edges[0] ?? 0)} to ${shortNumber(edges.at(-1) ?? 0)}`,
    x: { label: column, isWhole: isHalf(edges[0]) && isHalf(edges[1]) },
    y: { label: 'share of rows' },
    edges,
    series: splits,
  })
}

/** Between two whole numbers: the border of a bin of whole numbers. */
function isHalf(edge = 0): boolean {
  return Math.abs(edge % 1) === 0.5
}
