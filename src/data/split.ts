import { DataError } from '../errors.ts'
import { randomPermutation, stream } from '../random.ts'
import { foldOf } from '../spec/data/split.ts'
import { assigned, byTime, grouped } from './split-columns.ts'
import { counted, quote } from './table.ts'
import type { Split } from '../spec/data/split.ts'
import type { Table } from './table.ts'

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
  const draw = (length: number): Iterable<number> =>
    split.shuffle && time === undefined
      ? randomPermutation(stream(split.seed ?? seed, 'split'), 0, length)
      : new Uint32Array(length).keys()
  if (group !== undefined) return grouped(table, rows, group, split, draw)
  const inOrder = time === undefined ? rows : byTime(table, rows, time)
  const ordered = Array.from(draw(rows.length), (index) => inOrder[index] ?? 0)
  return divide(table.name, ordered, split, classes)
}

/**
 * Takes the test split and then the validation split from the end. Stratified, each class is divided so; leftover rows
 * go to the classes with the largest remainders.
 */
function divide(
  name: string,
  ordered: readonly number[],
  split: PlainSplit & { time?: string | undefined },
  classes?: RowClasses,
): Parting {
  const groups = classes ? byClass(name, ordered, split, classes) : [[...ordered]]
  const test = take(groups, part(name, ordered.length, split.test, 'test'))
  const { train, validation } =
    split.fold === undefined
      ? {
          validation: take(groups, part(name, ordered.length, split.validation, 'validation')),
          train: groups,
        }
      : foldRows(groups, split, split.fold)
  if (train.some((group) => group.length === 0) || (split.fold !== undefined && validation.length === 0)) {
    const whose = classes ? 'a class has' : 'there are'
    throw new DataError(
      `${name}: ${whose} no rows left for training after the split of ${ordered.length} rows`,
    )
  }
  return { train: ascending(train.flat()), validation: ascending(validation), test: ascending(test) }
}

/**
 * One of k folds. Shuffled rows are dealt in turn, so that each fold has its share of every class; rows in order are
 * cut into blocks. By time, a fold is trained on the rows before it only, as in scikit-learn's TimeSeriesSplit.
 */
function foldRows(
  groups: readonly (readonly number[])[],
  { shuffle, time }: { shuffle: boolean; time?: string | undefined },
  fold: string,
): { train: number[][]; validation: number[] } {
  const { index, count } = foldOf(fold)
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  const block = Math.floor(total / (count + 1))
  const first = total - (count - index) * block
  let position = 0
  const validation: number[] = []
  const train = groups.map((group) =>
    group.filter((row) => {
      const at = position++
      const isChosen =
        time !== undefined
          ? at >= first && at < first + block
          : shuffle
            ? at % count === index
            : at >= Math.floor((total * index) / count) && at < Math.floor((total * (index + 1)) / count)
      if (isChosen) validation.push(row)
      return !isChosen && (time === undefined || at < first)
    }),
  )
  return { train, validation }
}

/** How many rows a part gets. */
function part(name: string, rows: number, fraction: number, what: 'validation' | 'test'): number {
  const count = Math.round(rows * fraction)
  if (fraction === 0 || count > 0) return count
  throw new DataError(`${name}: a ${what} split of ${fraction} of ${rows} rows is empty`, {
    hint: `set data.split.${what} to 0 or to a larger fraction`,
  })
}

function byClass(name: string, rows: readonly number[], split: PlainSplit, classes: RowClasses): number[][] {
  const groups = new Map<number, number[]>()
  for (const row of rows) {
    const index = classes.indices[row] ?? 0
    const group = groups.get(index)
    if (group) group.push(row)
    else groups.set(index, [row])
  }
  const parts = 1 + Number(split.validation > 0 || split.fold !== undefined) + Number(split.test > 0)
  const sorted = [...groups].toSorted(([a], [b]) => a - b)
  const small = sorted.find(([, group]) => group.length < parts)
  if (!small) return sorted.map(([, group]) => group)
  const [index, group] = small
  throw new DataError(
    `${name}: the class ${quote(classes.names[index] ?? '')} has ${counted(group.length, 'row')}, too few for ${parts} stratified splits`,
    { hint: 'set data.split.stratify to false, or bring more rows of the class' },
  )
}

/** Removes `count` rows from the ends of the groups, as evenly as their sizes allow. */
function take(groups: number[][], count: number): number[] {
  const total = groups.reduce((sum, group) => sum + group.length, 0)
  const shares = groups.map((group) => (group.length * count) / total)
  const counts = shares.map(Math.floor)
  const byRemainder = shares
    .map((share, i) => ({ i, remainder: share % 1 }))
    .toSorted((a, b) => b.remainder - a.remainder)
  const left = count - counts.reduce((sum, n) => sum + n, 0)
  for (const { i } of byRemainder.slice(0, left)) counts[i] = (counts[i] ?? 0) + 1
  return groups.flatMap((group, i) => group.splice(group.length - (counts[i] ?? 0)))
}

function ascending(rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows).sort()
}
