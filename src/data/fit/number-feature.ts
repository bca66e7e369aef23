import type { Missing } from '../../components/sources/options/missing.ts'
import { fillNumber } from '../../components/transforms/missing.ts'
import type { Fill } from '../../components/transforms/missing.ts'
import { DataError } from '../../errors.ts'
import type { NumberFeature } from '../../runtime/preprocessing.ts'
import { blocksOf, blocksWith } from '../../table/columns/blocks.ts'
import type { Block } from '../../table/columns/blocks.ts'
import { findColumn, numbersOf } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { checkChannels, fitInTurn } from './transform.ts'
import type { ColumnTransform } from './transform.ts'

/** Fits the fill and the scaling of a column of numbers on the training rows. */
export function fitNumbers(
  table: Table,
  rows: Uint32Array,
  column: Column,
  transform: ColumnTransform,
  missing: Missing,
): NumberFeature {
  if (column.kind === 'string') numbersOf(table, column, 'a feature')
  const { name } = column
  const { config, then, numbers } = transform
  const rule = numbers.missing ?? fillOf(missing)
  const fill = rule === undefined ? undefined : fitFill(table, rows, name, rule)
  const indicator = hasIndicator(table, name, transform, missing)
  if (indicator && fill === undefined) {
    throw new DataError(
      `data.features.transforms.${name}: an indicator needs a number to put in for a missing one`,
      { hint: 'also set missing: mean, median or {constant: 0}' },
    )
  }
  const scalings = [config, ...then]
  for (const one of scalings) checkChannels(one, table, column, 1)
  const [scaling] = fitInTurn(scalings, 1, (see) => {
    for (const block of blocksWith(table, rows)) {
      const values = featureNumbers(block, name)
      for (const row of block.rows) {
        const value = values[row] ?? NaN
        see(Number.isNaN(value) && fill !== undefined ? fill : value, 0)
      }
    }
  })
  return {
    kind: 'number',
    column: name,
    ...(fill !== undefined && { fill }),
    ...(indicator && { indicator }),
    ...(scaling && { scaling }),
  }
}

/** Tells that a feature has a second number, which is 1 where the first is missing: in any row, whatever the split. */
export function hasIndicator(
  table: Table,
  name: string,
  { numbers }: ColumnTransform,
  missing: Missing,
): boolean {
  return numbers.indicator || (typeof missing === 'object' && missing.indicator && lacksNumbers(table, name))
}

/** The numbers of a feature in a block. */
export function featureNumbers({ table }: Block, name: string): ArrayLike<number> {
  return numbersOf(table, findColumn(table, name, 'data.features'), 'a feature')
}

/** The fill that the config sets for all columns. */
function fillOf(missing: Missing): Fill | undefined {
  if (typeof missing === 'object') {
    const { constant, fill } = missing
    return constant === undefined ? fill : { constant }
  }
  return missing === 'mean' || missing === 'median' ? missing : undefined
}

function fitFill(table: Table, rows: Uint32Array, name: string, rule: Fill): number {
  const numbers = new Float64Array(rows.length)
  let count = 0
  for (const block of blocksWith(table, rows)) {
    const values = featureNumbers(block, name)
    for (const row of block.rows) {
      const value = values[row] ?? NaN
      if (!Number.isNaN(value)) numbers[count++] = value
    }
  }
  const fill = fillNumber(rule, numbers.subarray(0, count))
  if (fill !== undefined) return fill
  throw new DataError(
    `${table.name}: column ${quote(name)} has no value in the training split to fill in for missing ones`,
  )
}

function lacksNumbers(table: Table, name: string): boolean {
  for (const block of blocksOf(table)) {
    const values = featureNumbers(block, name)
    for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) return true
  }
  return false
}
