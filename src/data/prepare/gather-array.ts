import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { weightColumns } from '../../runtime/preprocessing.ts'
import type { ArrayFeature, Preprocessing } from '../../runtime/preprocessing.ts'
import { tableOfBlocks } from '../../table/columns/join.ts'
import { columnNamed, elementsOf, numbersOf } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { targetNames } from './trained-columns.ts'

/**
 * For a model that was trained on a single array a row, the table with the only array of the file as that array, whatever
 * its name, or with its columns of numbers side by side; not those that are kept for other uses.
 */
export function gatherArray(table: Table, preprocessing: Preprocessing, keep: readonly string[]): Table {
  if (table.blocks) {
    const blocks = table.blocks.map((block) => gatherArray(block, preprocessing, keep))
    return { ...table, columns: tableOfBlocks(table.name, blocks).columns, blocks }
  }
  const [feature, ...others] = preprocessing.inputs.flatMap(({ features }) => features)
  if (feature?.kind !== 'array' || others.length > 0) return table
  if (columnNamed(table, feature.column)) return table
  const left = new Set([...targetNames(preprocessing), ...weightColumns(preprocessing), ...keep])
  const candidates = table.columns.filter(({ name }) => !left.has(name))
  const [only] = candidates
  if (only?.kind !== 'array' || candidates.length > 1) return withVector(table, candidates, feature)
  const renamed = { ...only, name: feature.column }
  return { ...table, columns: table.columns.map((column) => (column === only ? renamed : column)) }
}

/** The table with its columns of numbers in one array, in the order of the file. */
function withVector(table: Table, candidates: readonly Column[], { column, shape }: ArrayFeature): Table {
  const size = sizeOf(shape)
  const columns = candidates.filter(({ kind }) => kind !== 'array')
  if (columns.length !== size || columns.some((column) => elementsOf(column) !== 1)) {
    throw new DataError(
      `${table.name}: the model was trained on ${size} numbers per row, but the file has ${columns.length} columns: ${list(columns.map(({ name }) => name))}`,
    )
  }
  const gathered = new Set(columns)
  const vector = {
    kind: 'array' as const,
    name: column,
    shape,
    get values() {
      return sideBySide(table, columns)
    },
  }
  return { ...table, columns: [vector, ...table.columns.filter((column) => !gathered.has(column))] }
}

/** [rows, columns] */
function sideBySide(table: Table, columns: readonly Column[]): Float64Array {
  const values = new Float64Array(table.rows * columns.length)
  for (const [i, column] of columns.entries()) {
    const numbers = numbersOf(table, column, 'a feature')
    for (let row = 0; row < table.rows; row++) values[row * columns.length + i] = numbers[row] ?? NaN
  }
  return values
}
