import { foldOf } from '../../components/sources/options/split.ts'
import type { Split } from '../../components/sources/options/split.ts'
import { DataError } from '../../errors.ts'
import { randomPermutation, stream } from '../../random.ts'
import type { Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'
import { sortedByTime } from '../fit/times.ts'
import { inOrder } from '../rows/in-order.ts'
import { splitByColumn, splitByGroup } from './split-columns.ts'
import type { RowClasses, Splits } from './splits.ts'

type PlainSplit = Pick<Split, 'validation' | 'test' | 'fold' | 'time'> & { shuffle: boolean }

/** Divides rows as the config asks: by a column, at random, or in their order with the last rows as the test split. */
export function splitRows(
  table: Table,
  rows: Uint32Array,
  split: Split,
  seed: number,
  classes?: RowClasses,
): Splits {
  const { column, group, time } = split
  const shuffle = time === undefined && split.shuffle
  if (column !== undefined) return splitByColumn(table, rows, column)
  const draw = (length: number): Uint32Array =>
    shuffle ? randomPermutation(stream(split.seed ?? seed, 'split'), 0, length) : inOrder(0, length)
  if (group !== undefined) return splitByGroup(table, rows, group, split, draw, classes)
  const sorted = time === undefined ? rows : sortedByTime(table, rows, time)
  const ordered = draw(rows.length)
  for (let i = 0; i < ordered.length; i++) ordered[i] = sorted[ordered[i] ?? 0] ?? 0
  return divide(table, ordered, { ...split, shuffle }, classes)
}

/**
 * Takes the test split and then the validation split from the end. Stratified, each class is divided like that; leftover
 * rows go to the classes with the largest remainders.
 */
function divide(
  { name, rows }: Table,
  ordered: Uint32Array,
  split: PlainSplit,
  classes?: RowClasses,
): Splits {
  const groups = classes ? byClass(name, ordered, split, classes) : [ordered]
  const test = take(groups, sizeOfSplit(name, ordered.length, split.test, 'test'))
  const { train, validation } =
    split.fold === undefined
      ? takeValidation(test.left, sizeOfSplit(name, ordered.length, split.validation, 'validation'))
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
  { shuffle, time }: PlainSplit,
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

/** Number of rows in a split. */
function sizeOfSplit(name: string, rows: number, fraction: number, what: 'validation' | 'test'): number {
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
  const splits = 1 + Number(split.validation > 0 || split.fold !== undefined) + Number(split.test > 0)
  const small = sorted.find(([, size]) => size < splits)
  if (!small) return sorted.map(([index]) => rows.filter((row) => classOf(row) === index))
  const [index, size] = small
  throw new DataError(
    `${name}: the class ${quote(names[index] ?? '')} has ${counted(size, 'row')}, too few for ${splits} stratified splits`,
    { hint: 'set data.split.stratify to false, or add rows of that class' },
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

/** The rows of all groups in a table of `tableRows` rows. */
function ascending(groups: Groups, tableRows: number): Uint32Array {
  const isChosen = new Uint8Array(tableRows)
  for (const group of groups) for (const row of group) isChosen[row] = 1
  const rows = new Uint32Array(groups.reduce((sum, { length }) => sum + length, 0))
  let count = 0
  for (let row = 0; row < tableRows; row++) if (isChosen[row] === 1) rows[count++] = row
  return rows
}
