import type { TargetSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { list, quote } from '../../wording.ts'
import type { RowsOfTable } from './features.ts'
import { targetElements } from './target.ts'

/** Labels that mean a yes wherever they stand. */
const YES: ReadonlySet<string> = new Set(['1', 'true', 'yes'])

/**
 * The positive class of two: the one that the config names, the second that it lists, the one that means yes, or else the
 * rarer of all rows; of equally rare ones the second.
 */
export function positiveClass(
  all: readonly RowsOfTable[],
  { positive, classes: listed, names, columns }: TargetSelection,
  classes: readonly string[],
): { label: string; isRarer?: boolean } | undefined {
  if (positive !== undefined) {
    const named = names?.[listed?.indexOf(positive) ?? -1]
    return { label: named ?? labelNamed(positive, classes, columns) }
  }
  const [first, second] = classes
  if (first === undefined || second === undefined) return undefined
  if (listed) return { label: second }
  const [yes, ...others] = classes.filter((label) => YES.has(label.toLowerCase()))
  if (yes !== undefined && others.length === 0) return { label: yes }
  const balance = countOf(first, all, columns) - countOf(second, all, columns)
  return { label: balance < 0 ? first : second, isRarer: balance !== 0 }
}

function countOf(label: string, all: readonly RowsOfTable[], columns: readonly string[]): number {
  let count = 0
  for (const block of all.flatMap(({ table, rows }) => [...blocksWith(table, rows)])) {
    for (const { at } of targetElements(block.table, columns)) {
      for (const row of block.rows) if (String(at(row)) === label) count += 1
    }
  }
  return count
}

/** The class that a config names; `true` of YAML also means a class True. */
function labelNamed(positive: string, classes: readonly string[], columns: readonly string[]): string {
  const found =
    classes.find((label) => label === positive) ??
    classes.find((label) => label.toLowerCase() === positive.toLowerCase())
  if (found !== undefined) return found
  const close = nearest(positive, classes)
  throw new DataError(
    `data.target.positive: ${quote(positive)} is none of the classes of ${list(columns)}: ${list(classes)}`,
    close === undefined ? {} : { hint: `did you mean ${quote(close)}?` },
  )
}
