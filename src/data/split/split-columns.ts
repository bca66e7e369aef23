import { foldOf } from '../../components/sources/options/split.ts'
import type { Split } from '../../components/sources/options/split.ts'
import { DataError } from '../../errors.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { scalarsOf } from '../../table/table.ts'
import type { SplitName, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import type { RowClasses, Splits } from './splits.ts'
import { stratifiedGroups } from './stratified-groups.ts'
import type { RowGroup } from './stratified-groups.ts'

const splitNames: ReadonlyMap<string, SplitName> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
])

/** The splits that a column assigns rows to. */
export function splitByColumn(table: Table, rows: Uint32Array, name: string): Splits {
  const assigned: Record<SplitName, number[]> = { train: [], validation: [], test: [] }
  for (const block of blocksWith(table, rows)) {
    const values = scalarsOf(block.table, name, 'data.split.column')
    for (const row of block.rows) {
      const value = String(values[row])
      const split = splitNames.get(value.toLowerCase())
      if (split) assigned[split].push(block.start + row)
      else
        throw new DataError(
          `${block.table.place(row)}: ${quote(value)} in column ${quote(name)} is not a split: expected train, validation or test`,
        )
    }
  }
  return splitsOf(table, assigned)
}

/**
 * Divides whole groups, drawn one after the other: each goes to the test split if that brings it nearer to its size, then
 * to the validation split. For folds the groups are taken from the largest on, each into the fold with the fewest rows.
 * With classes, each split has its share of every class as nearly as whole groups allow.
 */
export function splitByGroup(
  table: Table,
  rows: Uint32Array,
  name: string,
  split: Split,
  draw: (length: number) => Iterable<number>,
  classes?: RowClasses,
): Splits {
  const groups = groupsOf(table, rows, name)
  const drawn = Array.from(draw(groups.length), (index) => groups[index] ?? [])
  const setApart = (from: readonly RowGroup[], fraction: number, rest: number): SetApart =>
    classes ? takeStratified(from, fraction, rest, classes) : fillFrom(from, rows.length * fraction)
  const test = setApart(drawn, split.test, 1 - split.test)
  if (split.fold === undefined) {
    const validation = setApart(test.left, split.validation, 1 - (split.validation + split.test))
    const parts = { train: validation.left, validation: validation.taken, test: test.taken }
    return splitsOf(table, rowsOf(parts), split)
  }
  const { index, count } = foldOf(split.fold)
  const folds = classes
    ? stratifiedGroups(test.left, new Array<number>(count).fill(1 / count), classes)
    : foldsOf(test.left, count)
  const train = folds.filter((_, i) => i !== index).flat()
  const parts = { train, validation: folds[index] ?? [], test: test.taken }
  return splitsOf(table, rowsOf(parts), { ...split, validation: 1 })
}

/** The rows of each value of a column, in the order of the file. */
function groupsOf(table: Table, rows: Uint32Array, name: string): RowGroup[] {
  const found = new Map<string, number[]>()
  for (const block of blocksWith(table, rows)) {
    const values = scalarsOf(block.table, name, 'data.split.group')
    for (const row of block.rows) {
      const key = String(values[row])
      const group = found.get(key)
      if (group) group.push(block.start + row)
      else found.set(key, [block.start + row])
    }
  }
  return [...found.values()]
}

type SetApart = { taken: RowGroup[]; left: RowGroup[] }

/** Takes groups, from the last on, until their rows are as near to `target` as they can be. */
function fillFrom(groups: readonly RowGroup[], target: number): SetApart {
  const [taken, left]: [RowGroup[], RowGroup[]] = [[], []]
  let count = 0
  for (const group of groups.toReversed()) {
    if (Math.abs(count + group.length - target) >= Math.abs(count - target)) left.push(group)
    else {
      taken.push(group)
      count += group.length
    }
  }
  return { taken, left: left.reverse() }
}

/** Takes groups so that taken and left rows have the ratio of the fractions in every class. */
function takeStratified(
  groups: readonly RowGroup[],
  fraction: number,
  rest: number,
  classes: RowClasses,
): SetApart {
  if (fraction === 0) return { taken: [], left: [...groups] }
  const [left = [], taken = []] = stratifiedGroups(groups, [rest, fraction], classes)
  return { taken, left }
}

function foldsOf(groups: readonly RowGroup[], count: number): RowGroup[][] {
  const folds = Array.from({ length: count }, () => ({ groups: new Array<RowGroup>(), rows: 0 }))
  for (const group of groups.toSorted((a, b) => b.length - a.length)) {
    const smallest = folds.reduce((least, fold) => (fold.rows < least.rows ? fold : least))
    smallest.groups.push(group)
    smallest.rows += group.length
  }
  return folds.map(({ groups }) => groups)
}

function rowsOf({
  train,
  validation,
  test,
}: Record<SplitName, readonly RowGroup[]>): Record<SplitName, number[]> {
  return { train: train.flat(), validation: validation.flat(), test: test.flat() }
}

function splitsOf(
  table: Table,
  parts: Record<SplitName, readonly number[]>,
  fractions: { validation: number; test: number } = { validation: 0, test: 0 },
): Splits {
  const ascending = (rows: readonly number[]): Uint32Array => Uint32Array.from(rows).sort()
  if (parts.train.length === 0) throw new DataError(`${table.name}: there are no rows left for training`)
  for (const what of ['validation', 'test'] as const) {
    if (fractions[what] === 0 || parts[what].length > 0) continue
    throw new DataError(`${table.name}: the ${what} split is empty: there are too few groups for it`)
  }
  return {
    train: ascending(parts.train),
    validation: ascending(parts.validation),
    test: ascending(parts.test),
  }
}
