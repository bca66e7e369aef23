import { findColumn } from './table.ts'
import { targetElements, targetWidth } from './target.ts'
import type { PrepareOptions, ReadData } from './prepare.ts'
import type { TargetSelection } from './selection.ts'
import type { Column, Table } from './table.ts'

type Ports = Pick<PrepareOptions, 'inputs' | 'outputs'>

/** More classes than this in a column of whole numbers, and it is taken for a quantity. */
const MOST_CLASSES = 20

/** The inputs and outputs of a model for these rows: inputs as wide as their features, outputs that fit their targets. */
export function inferPorts({ train: table, selection }: ReadData): Ports {
  return {
    inputs: selection.inputs.map(({ name = 'input' }) => ({ name })),
    outputs: selection.targets.map((target) => ({
      name: target.name ?? 'output',
      ...outputFor(table, target),
    })),
  }
}

function outputFor(
  table: Table,
  { columns, classes }: TargetSelection,
): { kind: 'classes' | 'numbers'; shape: number[] } {
  if (classes) return { kind: 'classes', shape: [classes.length] }
  const width = targetWidth(table, columns)
  const [first] = columns
  const units =
    first !== undefined && width === 1 ? unitsFor(findColumn(table, first, 'data.target')) : undefined
  if (units !== undefined) return { kind: 'classes', shape: [units] }
  return { kind: width > 1 && isOneHot(table, columns) ? 'classes' : 'numbers', shape: [width] }
}

function unitsFor(column: Column): number | undefined {
  if (column.kind === 'text') return new Set(column.values).size
  const count = classesIn(column)
  const isFromOne = !column.values.includes(0)
  return count !== undefined && isFromOne && new Set(column.values).size === count - 1 ? count - 1 : count
}

/** How many classes a column tells apart, or undefined for a quantity. */
export function classesIn(column: Column): number | undefined {
  if (column.kind === 'text') return new Set(column.values).size
  const values = new Set(column.values)
  const whole = [...values].every((value) => Number.isInteger(value) && value >= 0)
  const count = Math.max(...values) + 1
  return whole && count <= MOST_CLASSES && values.size >= 2 ? count : undefined
}

/** Whether every row is a single 1 among zeros. */
function isOneHot(table: Table, columns: readonly string[]): boolean {
  const elements = targetElements(table, columns)
  for (let row = 0; row < table.rows; row++) {
    let ones = 0
    for (const { at } of elements) {
      const value = at(row)
      if (value === 1) ones++
      else if (value !== 0) return false
    }
    if (ones !== 1) return false
  }
  return true
}
