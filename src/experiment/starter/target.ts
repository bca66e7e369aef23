import { namesRows } from '../../data/inspect/ids.ts'
import { isOneHot } from '../../data/inspect/infer-ports.ts'
import { DataError } from '../../errors.ts'
import type { NameOption } from '../../errors.ts'
import { partsOfDate } from '../../runtime/encodings/date.ts'
import { elementsOf, findColumn, invalidText } from '../../table/table.ts'
import type { ArrayColumn, Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import { tagListsIn } from './tag-lists.ts'
import type { TagLists } from './tag-lists.ts'

/** The column that a network is to predict. */
export type TargetChoice =
  | {
      readonly kind: 'classes'
      readonly column: string
      /** Rows of each label, most frequent first. */
      readonly counts: readonly (readonly [label: string, rows: number])[]
      /** The labels in the order of the classes, where the config has to say it. */
      readonly order?: readonly string[]
      /** True for rows of zeros with a 1 in the place of their class. */
      readonly isOneHot?: true
      /** Set where each label is a list of words. */
      readonly lists?: TagLists
      readonly missing: number
    }
  | {
      readonly kind: 'numbers'
      readonly column: string
      readonly width: number
      readonly missing: number
      /** The smallest number, where there is one a row. */
      readonly least?: number
    }

/** Different whole numbers that are labels, and rows that each needs on average: others are quantities, such as grades to 20. */
const [MOST_LABELS, ROWS_OF_A_LABEL] = [10, 5]
/** The same in a column whose name says that it holds labels. */
const MOST_NAMED_LABELS = 100
const LABEL_NAME = /label|class|categor/i
const TARGET_NAMES = ['target', 'label', 'labels', 'class', 'y']

const anotherColumn = (option: NameOption): string => `name another column with ${option('target')}`

export function chooseTarget(table: Table, wanted: string | undefined): TargetChoice {
  const names = table.columns.map(({ name }) => name)
  const name =
    wanted ??
    names.find((column) => TARGET_NAMES.includes(column.toLowerCase())) ??
    table.columns.findLast((column) => mayBePredicted(table, column))?.name ??
    table.columns.findLast(varies)?.name ??
    names.at(-1)
  if (name === undefined || names.length < 2) {
    throw new DataError(
      `${table.name}: expected a target and at least one feature, got the columns ${list(names)}`,
      {
        hint: (option) =>
          `name a file that holds both; of a CSV file with other delimiters, name these with ${option('delimiter')}`,
      },
    )
  }
  const column = findColumn(table, name, 'the option target')
  if (column.kind === 'array') {
    const width = elementsOf(column)
    if (width > 1 && isOneHot(table, [name])) return oneHotChoice(column, width)
    if (width > 1) return { kind: 'numbers', column: name, width, missing: 0 }
  }
  if (column.kind === 'number' && column.invalid) {
    const { invalid } = column
    throw new DataError(
      `${table.place(invalid.row)}: the target ${quote(name)} holds ${invalidText(invalid)} among its numbers`,
      {
        hint: 'correct the field, or leave the row out',
      },
    )
  }
  return choiceFor(table, column)
}

/** Classes or numbers, whichever the values of a column are. */
function choiceFor(table: Table, { name, kind, values }: Column): TargetChoice {
  const counts = new Map<string, number>()
  let missing = 0
  for (const value of values) {
    if (value === '' || Number.isNaN(value)) missing += 1
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  }
  if (counts.size < 2) {
    throw new DataError(`${table.name}: the target ${quote(name)} has the same value in every row`, {
      hint: anotherColumn,
    })
  }
  const labels = [...counts.keys()]
  const known = table.rows - missing
  const isNumeric = kind !== 'string'
  const lists = kind === 'string' ? tagListsIn(values.filter((value) => value !== '')) : undefined
  if (isNumeric) {
    const whole = labels.every((label) => Number.isInteger(Number(label)))
    const most = LABEL_NAME.test(name) ? MOST_NAMED_LABELS : MOST_LABELS
    if (!whole || counts.size > Math.min(most, known / ROWS_OF_A_LABEL)) {
      return { kind: 'numbers', column: name, width: 1, missing, least: Math.min(...labels.map(Number)) }
    }
  } else if (counts.size > known / 2) {
    throw new DataError(
      `${table.name}: the target ${quote(name)} holds ${counts.size} different strings in ${known} rows: they are not classes`,
      {
        hint: (option) =>
          lists
            ? `they are lists: give each of the ${lists.words} words between ${quote(lists.separator)} a column of 0 and 1, and list these in data.target; or ${anotherColumn(option)}`
            : anotherColumn(option),
      },
    )
  }
  const sorted = labels.toSorted((a, b) => (isNumeric ? Number(a) - Number(b) : 0))
  // Classes count from 0 unless the config lists them.
  const counted = !isNumeric || sorted.every((label, i) => label === String(i))
  return {
    kind: 'classes',
    column: name,
    counts: [...counts].toSorted(([, a], [, b]) => b - a),
    missing,
    ...(!counted && { order: sorted }),
    ...(lists && { lists }),
  }
}

/** The classes of one-hot rows. */
function oneHotChoice({ name, values }: ArrayColumn, width: number): TargetChoice {
  const counts = Array.from({ length: width }, (_, i) => [String(i), 0] as [string, number])
  for (const [i, value] of values.entries()) {
    const count = counts[i % width]
    if (value === 1 && count) count[1] += 1
  }
  const known = counts.filter(([, rows]) => rows > 0).toSorted(([, a], [, b]) => b - a)
  return { kind: 'classes', column: name, counts: known, isOneHot: true, missing: 0 }
}

/** Names of postal codes and coordinates. */
const PLACE = /(^|[^a-z])(zip([ _-]?code)?|post(al)?[ _-]?code|plz|lat(itude)?|lon|lng|long(itude)?)\W*$/i

/** True for a column that is neither ids, dates, texts nor places. */
function mayBePredicted({ index = [] }: Table, column: Column): boolean {
  if (!varies(column) || index.includes(column.name) || PLACE.test(column.name)) return false
  if (column.kind === 'array') return true
  const known = column.values.filter((value) => value !== '' && !Number.isNaN(value))
  const { size } = new Set<string | number>(known)
  if (namesRows(column, size, known.length)) return false
  return column.kind === 'number' ? !column.invalid : size <= known.length / 2 && !known.every(isDate)
}

function isDate(value: string | number): boolean {
  return partsOfDate(String(value)) !== undefined
}

/** True for a column that has different values. */
function varies({ kind, values }: Column): boolean {
  if (kind === 'array') return true
  let first: string | number | undefined
  for (const value of values) {
    if (value === '' || Number.isNaN(value)) continue
    first ??= value
    if (value !== first) return true
  }
  return false
}
