import type { TargetSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { distinctValues, placeIn } from '../../runtime/encodings/categories.ts'
import { labelsOf } from '../../runtime/preprocessing.ts'
import type { ClassesState } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import type { Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import type { EncodedTarget } from '../rows/encoded-rows.ts'
import type { RowsOfTable } from './features.ts'
import { positiveClass } from './positive.ts'
import { describedPort, distinctLabels, targetElements, targetWidth } from './target.ts'
import type { TargetElement, OutputPort } from './target.ts'

type FoundClasses = { classes: readonly string[]; notes: string[] }

/**
 * Fits a target of classes, labels or one-hot rows; an output of one unit separates two classes, of which one is positive,
 * by all rows of the run.
 */
export function fitClassTarget(
  table: Table,
  rows: Uint32Array,
  port: OutputPort,
  selection: TargetSelection,
  all: readonly RowsOfTable[],
): { state: ClassesState; notes: string[] } {
  const units = unitsOf(port)
  const form = formOf(table, port, selection)
  const { classes, notes } =
    form === 'one_hot' ? oneHotClasses(selection, units) : labelClasses(table, rows, port, selection)
  const named = `${list(selection.columns)}: ${classes.length} classes (${list(classes)})`
  const count = Math.max(2, units)
  if (classes.length > count) {
    throw new DataError(
      `${table.name}: ${named}, but the model's output ${quote(port.name)} has ${describeUnits(units)}`,
      { hint: `give the last layer ${classes.length} units` },
    )
  }
  if (classes.length < count)
    notes.push(`${named}, fewer than the ${count} that the output ${port.name} can separate`)
  const positive = units === 1 ? positiveClass(all, selection, classes) : undefined
  if (positive?.isRarer)
    notes.push(`${list(selection.columns)}: ${positive.label} is the positive class, the rarer label`)
  const { columns, names, classes: codes } = selection
  return {
    state: {
      kind: 'classes',
      ...describedPort(port),
      columns,
      form,
      classes,
      ...(names && form === 'labels' && { codes }),
      ...(positive && { positive: positive.label }),
    },
    notes,
  }
}

/** Class indices of every row, and of every step where the output has more axes than its units. */
export function encodeClassTarget(table: Table, rows: Uint32Array, output: ClassesState): EncodedTarget {
  const elements = targetElements(table, output.columns)
  const shape = output.shape.slice(0, -1)
  const steps = sizeOf(shape)
  formOf(table, output, output)
  const data = new Int32Array(rows.length * steps)
  const labels = labelsOf(output)
  const indexOf = placeIn(labels)
  for (let step = 0; step < steps; step++) {
    const [first, ...others] = elements.slice(
      (step * elements.length) / steps,
      ((step + 1) * elements.length) / steps,
    )
    if (!first) continue
    for (const [index, row] of rows.entries()) {
      data[index * steps + step] =
        output.form === 'one_hot'
          ? indexOfOne(table, row, [first, ...others])
          : (indexOf(String(first.at(row))) ?? refuseLabel(table, row, first, labels))
    }
  }
  return { kind: 'classes', name: output.name, shape, data }
}

function unitsOf({ shape }: OutputPort): number {
  return shape.at(-1) ?? 1
}

function describeUnits(units: number): string {
  return units === 1 ? '1 unit, which separates two classes' : `${units} units`
}

function formOf(
  table: Table,
  port: OutputPort,
  { columns }: { columns: readonly string[] },
): ClassesState['form'] {
  const width = targetWidth(table, columns)
  const size = sizeOf(port.shape)
  const steps = size / unitsOf(port)
  if (width === steps) return 'labels'
  if (width === size) return 'one_hot'
  throw new DataError(
    `${table.name}: the target of the output ${quote(port.name)} has ${width} values per row (${list(columns)}): ` +
      `expected ${steps} (class labels) or ${size} (one-hot)`,
  )
}

function oneHotClasses({ columns, classes, names = classes }: TargetSelection, units: number): FoundClasses {
  const found = names ?? (columns.length === units ? columns : integers(0, units))
  return { classes: found, notes: [`${list(columns)}: one-hot targets became class indices`] }
}

function labelClasses(
  table: Table,
  rows: Uint32Array,
  port: OutputPort,
  { columns, classes, names = classes }: TargetSelection,
): FoundClasses {
  if (names) {
    if (new Set(names).size === names.length) return { classes: names, notes: [] }
    throw new DataError(`data.target.classes lists a class twice: ${list(names)}`)
  }
  const labels = distinctLabels(table, rows, columns)
  const numbers = [...labels].filter((label) => typeof label === 'number')
  if (numbers.length < labels.size) {
    const found = distinctValues(Array.from(labels, String)).sort()
    return {
      classes: found,
      notes: [`${list(columns)}: the labels ${list(found)} became classes 0 to ${found.length - 1}`],
    }
  }
  const count = Math.max(2, unitsOf(port))
  if (numbers.every((label) => isClass(label, count))) return { classes: integers(0, count), notes: [] }
  if (numbers.length === count && numbers.every((label) => isClass(label - 1, count))) {
    return {
      classes: integers(1, count),
      notes: [`${list(columns)}: the labels 1 to ${count} became classes 0 to ${count - 1}`],
    }
  }
  throw outOfRange(table, rows, port, columns)
}

function isClass(label: number, count: number): boolean {
  return Number.isInteger(label) && label >= 0 && label < count
}

/** The labels of classes numbered from `first`. */
function integers(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(first + i))
}

function outOfRange(
  table: Table,
  rows: Uint32Array,
  port: OutputPort,
  columns: readonly string[],
): DataError {
  const units = unitsOf(port)
  const count = Math.max(2, units)
  for (const block of blocksWith(table, rows)) {
    const elements = targetElements(block.table, columns)
    for (const row of block.rows) {
      const element = elements.find(({ at }) => !isClass(Number(at(row)), count))
      if (!element) continue
      return new DataError(
        `${block.table.place(row)}: label ${element.at(row)} in column ${quote(element.column.name)} is out of range: ` +
          `the model's output ${quote(port.name)} has ${describeUnits(units)}, so labels are integers from 0 to ${count - 1}`,
        {
          hint: 'to use other labels, list them in class order: target: {column: ..., classes: [...]}; to predict numbers, use mean_squared_error and a last layer without an activation',
        },
      )
    }
  }
  return new DataError(`${table.name}: labels are out of range`)
}

function refuseLabel(
  table: Table,
  row: number,
  { column, at }: TargetElement,
  classes: readonly string[],
): never {
  const label = at(row)
  throw new DataError(
    `${table.place(row)}: ${typeof label === 'string' ? quote(label) : label} in column ${quote(column.name)} is not one of the ${classes.length} classes: ${list(classes)}`,
  )
}

/** The position of the single one in a one-hot row. */
function indexOfOne(table: Table, row: number, elements: readonly TargetElement[]): number {
  const values = elements.map(({ at }) => at(row))
  const index = values.indexOf(1)
  if (index >= 0 && values.every((value, i) => value === (i === index ? 1 : 0))) return index
  throw new DataError(
    `${table.place(row)}: [${list(values.map(String))}] is not one-hot: expected a single 1 and 0 elsewhere`,
  )
}
