import { DataError } from '../../errors.ts'
import { randomPermutation, stream } from '../../random.ts'
import { foldOf } from '../../components/sources/options/split.ts'
import { inOrder } from '../rows/in-order.ts'
import { assigned, byTime, grouped } from './split-columns.ts'
import { counted, quote } from '../../wording.ts'
import type { Split } from '../../components/sources/options/split.ts'
import type { Table } from '../../table/table.ts'

/** Table rows, ascending; every row that is divided is in exactly one part. */
export type Parting = { train: Uint32Array; validation: Uint32Array; test: Uint32Array }

/** The class of each table row, to keep the classes' proportions. */
export type RowClasses = { indices: Int32Array; names: readonly string[] }

type PlainSplit = Omit<Split, 'column' | 'group' | 'time'>

/** Divides rows as the config says: by a column, or at random, or in their order with the last rows as the test split. */
export function splitRows(
  table: Table,
  rows: Uint32Array,
  split: Split,
  seed: number,
  classes?: RowClasses,
): Parting {
  const { column, group, time } = split
  if (column !== undefined) return assigned(table, rows, column)
  const draw = (length: number): Uint32Array =>
    split.shuffle && time === undefined
      ? randomPermutation(stream(split.seed ?? seed, 'split'), 0, length)
      : inOrder(0, length)
  if (group !== undefined) return grouped(table, rows, group, split, draw, classes)
  const sorted = time === undefined ? rows : byTime(table, rows, time)
  const ordered = draw(rows.length)
  for (let i = 0; i < ordered.length; i++) ordered[i] = sorted[ordered[i] ?? 0] ?? 0
  return divide(table, ordered, split, classes)
}

/**
 * Takes the test split and then the validation split from the end. Stratified, each class is divided so; leftover rows
 * go to the classes with the largest remainders.
 */
function divide(
  { name, rows }: Table,
  ordered: Uint32Array,
  split: PlainSplit & { time?: string | undefined },
  classes?: RowClasses,
): Parting {
  const groups = classes ? byClass(name, ordered, split, classes) : [ordered]
  const test = take(groups, part(name, ordered.length, split.test, 'test'))
  const { train, validation } =
    split.fold === undefined
      ? takeValidation(test.left, part(name, ordered.length, split.validation, 'validation'))
      : foldRows(test.left, split, split.fold)
  const foldIsEmpty = split.fold !== undefined && validation.every(({ length }) => length === 0)
  if (train.some(({ length }) => length === 0) || foldIsEmpty) {
    const whose = classes ? 'a class has' : 'there are'
    throw new DataError(
      `${name}: ${whose} no rows left for training after the split of ${ordered.length} rows`,
    )
  }
  return {
    train: ascending(train, rows),
    validation: ascending(validation, rows),
    test: ascending(test.taken, rows),
  }
}

type Groups = readonly Uint32Array[]

function takeValidation(groups: Groups, count: number): { train: Groups; validation: Groups } {
  const { taken, left } = take(groups, count)
  return { train: left, validation: taken }
}

/**
 * One of k folds. Shuffled rows are dealt in turn, so that each fold has its share of every class; rows in order are
 * cut into blocks. By time, a fold is trained on the rows before it only, as in scikit-learn's TimeSeriesSplit.
 */
function foldRows(
  groups: Groups,
  { shuffle, time }: { shuffle: boolean; time?: string | undefined },
  fold: string,
): { train: Groups; validation: Groups } {
  const { index, count } = foldOf(fold)
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  const block = Math.floor(total / (count + 1))
  const first = total - (count - index) * block
  const isChosen = (at: number): boolean => {
    if (time !== undefined) return at >= first && at < first + block
    return shuffle
      ? at % count === index
      : at >= Math.floor((total * index) / count) && at < Math.floor((total * (index + 1)) / count)
  }
  const starts = groups.map((_, i) => groups.slice(0, i).reduce((sum, group) => sum + group.length, 0))
  const positioned = (keeps: (at: number) => boolean): Groups =>
    groups.map((group, i) => group.filter((_, position) => keeps((starts[i] ?? 0) + position)))
  return {
    train: positioned((at) => !isChosen(at) && (time === undefined || at < first)),
    validation: positioned(isChosen),
  }
}

/** How many rows a part gets. */
function part(name: string, rows: number, fraction: number, what: 'validation' | 'test'): number {
  const count = Math.round(rows * fraction)
  if (fraction === 0 || count > 0) return count
  throw new DataError(`${name}: a ${what} split of ${fraction} of ${rows} rows is empty`, {
    hint: `set data.split.${what} to 0 or to a larger fraction`,
  })
}

function byClass(name: string, rows: Uint32Array, split: PlainSplit, { indices, names }: RowClasses): Groups {
  const sizes = new Map<number, number>()
  const classOf = (row: number): number => indices[row] ?? 0
  for (const row of rows) sizes.set(classOf(row), (sizes.get(classOf(row)) ?? 0) + 1)
  const sorted = [...sizes].toSorted(([a], [b]) => a - b)
  const parts = 1 + Number(split.validation > 0 || split.fold !== undefined) + Number(split.test > 0)
  const small = sorted.find(([, size]) => size < parts)
  if (!small) return sorted.map(([index]) => rows.filter((row) => classOf(row) === index))
  const [index, size] = small
  throw new DataError(
    `${name}: the class ${quote(names[index] ?? '')} has ${counted(size, 'row')}, too few for ${parts} stratified splits`,
    { hint: 'set data.split.stratify to false, or bring more rows of the class' },
  )
}

/** Takes `count` rows from the ends of the groups, as evenly as their sizes allow. */
function take(groups: Groups, count: number): { taken: Groups; left: Groups } {
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  const shares = groups.map((group) => (group.length * count) / total)
  const counts = shares.map(Math.floor)
  const byRemainder = shares
    .map((share, i) => ({ i, remainder: share % 1 }))
    .toSorted((a, b) => b.remainder - a.remainder)
  const left = count - counts.reduce((sum, n) => sum + n, 0)
  for (const { i } of byRemainder.slice(0, left)) counts[i] = (counts[i] ?? 0) + 1
  const ends = groups.map((group, i) => group.length - (counts[i] ?? 0))
  return {
    taken: groups.map((group, i) => group.subarray(ends[i])),
    left: groups.map((group, i) => group.subarray(0, ends[i])),
  }
}

/** The rows of all groups, of a table of so many rows. */
function ascending(groups: Groups, tableRows: number): Uint32Array {
  const isChosen = new Uint8Array(tableRows)
  for (const group of groups) for (const row of group) isChosen[row] = 1
  const rows = new Uint32Array(groups.reduce((sum, { length }) => sum + length, 0))
  let count = 0
  for (let row = 0; row < tableRows; row++) if (isChosen[row] === 1) rows[count++] = row
  return rows
}
