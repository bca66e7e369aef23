import { DataError } from '../errors.ts'
import { randomPermutation, stream } from '../random.ts'
import { counted, quote } from './table.ts'
import type { Split } from '../spec/data.ts'

/** Table rows, ascending; every row that is divided is in exactly one part. */
export type Parting = { train: Uint32Array; validation: Uint32Array; test: Uint32Array }

/** The class of each table row, to keep the classes' proportions. */
export type RowClasses = { indices: Int32Array; names: readonly string[] }

/**
 * Divides rows as the config says: at random, or with the last rows as the test split and those before them as the
 * validation split. Stratified, each class is divided so; leftover rows go to the classes with the largest remainders.
 */
export function splitRows(
  name: string,
  rows: Uint32Array,
  split: Split,
  seed: number,
  classes?: RowClasses,
): Parting {
  const order = split.shuffle
    ? randomPermutation(stream(split.seed ?? seed, 'split'), 0, rows.length)
    : rows.keys()
  const ordered = Array.from(order, (index) => rows[index] ?? 0)
  const groups = classes ? byClass(name, ordered, split, classes) : [ordered]
  const test = take(groups, part(name, rows.length, split.test, 'test'))
  const validation = take(groups, part(name, rows.length, split.validation, 'validation'))
  if (groups.some((group) => group.length === 0)) {
    const whose = classes ? 'a class has' : 'there are'
    throw new DataError(`${name}: ${whose} no rows left for training after the split of ${rows.length} rows`)
  }
  return { train: ascending(groups.flat()), validation: ascending(validation), test: ascending(test) }
}

/** How many rows a part gets. */
function part(name: string, rows: number, fraction: number, what: 'validation' | 'test'): number {
  const count = Math.round(rows * fraction)
  if (fraction === 0 || count > 0) return count
  throw new DataError(`${name}: a ${what} split of ${fraction} of ${rows} rows is empty`, {
    hint: `set data.split.${what} to 0 or to a larger fraction`,
  })
}

function byClass(name: string, rows: readonly number[], split: Split, classes: RowClasses): number[][] {
  const groups = new Map<number, number[]>()
  for (const row of rows) {
    const index = classes.indices[row] ?? 0
    const group = groups.get(index)
    if (group) group.push(row)
    else groups.set(index, [row])
  }
  const parts = 1 + Number(split.validation > 0) + Number(split.test > 0)
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
