import { inputNamed } from '../../components/sources/selection.ts'
import type { TargetSelection } from '../../components/sources/selection.ts'
import { blocksOf, partsOf } from '../../table/columns/blocks.ts'
import { findColumn } from '../../table/table.ts'
import type { Column, Table } from '../../table/table.ts'
import type { ModelPorts } from '../fit/model-columns.ts'
import { targetElements, targetWidth } from '../fit/target.ts'
import { targetSteps } from '../fit/window.ts'
import { inputShapes } from '../prepare/measure.ts'
import { present } from '../prepare/passed-columns.ts'
import type { ReadData } from '../prepare/read-data.ts'

/** Limit of class indices: a column with larger whole numbers holds quantities. */
const MAX_CLASSES = 20

/** The inputs and outputs of a model for these rows: inputs as wide as their features, outputs that fit their targets. */
export function inferPorts(read: ReadData): ModelPorts {
  const { train: table, selection } = read
  const inputs = selection.inputs.map(({ name = 'input' }) => ({ name }))
  const outputs = selection.targets.map((target) => ({
    name: target.name ?? 'output',
    ...(target.sameAs === undefined
      ? ofEachStep(outputFor(table, target), targetSteps(selection.window))
      : unknownNumbers),
  }))
  if (selection.targets.every(({ sameAs }) => sameAs === undefined)) return { inputs, outputs }
  const shapes = inputShapes(read, { inputs, outputs })
  return {
    inputs,
    outputs: outputs.map((output, i) => {
      const shape = inputNamed(inputs, selection.targets[i]?.sameAs)
      return { ...output, ...(shape && { shape: shapes.get(shape.name) ?? output.shape }) }
    }),
  }
}

function ofEachStep<O extends { shape: number[] }>(output: O, steps: number): O {
  return steps === 1 ? output : { ...output, shape: [steps, ...output.shape] }
}

/** An output whose shape is not known yet. */
const unknownNumbers = { kind: 'numbers' as const, shape: [] }

function outputFor(
  table: Table,
  { columns, classes }: TargetSelection,
): { kind: 'classes' | 'numbers'; shape: number[] } {
  if (classes) return { kind: 'classes', shape: [classes.length] }
  const width = targetWidth(table, columns)
  const [first] = columns
  const units =
    first !== undefined && width === 1 ? unitsFor(table, findColumn(table, first, 'data.target')) : undefined
  if (units !== undefined) return { kind: 'classes', shape: [units] }
  return { kind: width > 1 && isOneHot(table, columns) ? 'classes' : 'numbers', shape: [width] }
}

function unitsFor(table: Table, column: Column): number | undefined {
  const labels = labelsIn(table, column)
  if (!labels) return undefined
  const count = countOf(labels)
  const isFromOne = !labels.has(0) && labels.size + 1 === count
  return isFromOne ? labels.size : count
}

/** The different values of a column without missing ones; undefined for numbers that are not class indices. */
function labelsIn(table: Table, column: Column): Set<string | number> | undefined {
  const labels = new Set<string | number>()
  for (const { values } of partsOf(table, column)) {
    for (const value of values) {
      if (present(value) === undefined) continue
      if (typeof value === 'number' && !isClassIndex(value)) return undefined
      labels.add(value)
    }
  }
  return labels
}

function isClassIndex(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < MAX_CLASSES
}

/** One more than the largest of several numbers; strings are counted. */
function countOf(labels: ReadonlySet<string | number>): number | undefined {
  const numbers = [...labels].filter((label) => typeof label === 'number')
  if (numbers.length < labels.size) return labels.size
  return numbers.length >= 2 ? Math.max(...numbers) + 1 : undefined
}

/** True if every row is a single 1 among zeros. */
export function isOneHot(table: Table, columns: readonly string[]): boolean {
  return Array.from(blocksOf(table)).every((block) => hasOneHotRows(block.table, columns))
}

function hasOneHotRows(table: Table, columns: readonly string[]): boolean {
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
