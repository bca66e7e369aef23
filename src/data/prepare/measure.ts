import type { Selection, TargetSelection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import type { Column, Table } from '../../table/table.ts'
import { list, quote } from '../../wording.ts'
import { inputShape } from '../fit/features.ts'
import type { RowsOfTable } from '../fit/features.ts'
import { usableRows } from '../fit/missing.ts'
import type { UsedColumns } from '../fit/missing.ts'
import { modelColumns } from '../fit/model-columns.ts'
import type { ModelColumns, ModelPorts } from '../fit/model-columns.ts'
import { distinctLabels, targetWidth } from '../fit/target.ts'
import { vocabularyOf } from '../fit/vocabulary.ts'
import { targetSteps } from '../fit/window.ts'
import type { Splits } from '../split/splits.ts'
import type { ReadData } from './read-data.ts'
import { columnsFor } from './trained-columns.ts'

type RowsOfRun = {
  /** Those of the training table. */
  readonly rows: Uint32Array
  /** Those of the splits that have a table of their own. */
  readonly held: Partial<Splits>
  readonly all: readonly RowsOfTable[]
  readonly notes: string[]
}

/** The usable rows that a run may see, whatever split they belong to, and notes on dropped ones. */
export function rowsOfRun(
  read: ReadData,
  { used, missing }: Pick<ModelColumns, 'used' | 'missing'>,
): RowsOfRun {
  const { train: table } = read
  const { rows, notes } = usableRows(table, used, missing)
  const all = [{ table, rows }]
  const held: Partial<Splits> = {}
  for (const split of ['validation', 'test'] as const) {
    const own = read[split]
    if (!own) continue
    const usable = usableRows(own, columnsIn(own, used, read.selection), missing)
    held[split] = usable.rows
    all.push({ table: own, rows: usable.rows })
    notes.push(...usable.notes.map((note) => `${own.name}: ${note}`))
  }
  return { rows, held, all, notes }
}

/** The used columns in a table of held-out rows, but those that divide the rows of the training table. */
function columnsIn(table: Table, { filled, strict }: UsedColumns, { keys, window }: Selection): UsedColumns {
  const ofWindows = [window?.series, window?.time]
  const dividing = keys.filter(({ column }) => !ofWindows.includes(column)).map(({ column }) => column)
  const own = (columns: readonly Column[]): Column[] => {
    const names = columns.map(({ name }) => name).filter((name) => !dividing.includes(name))
    return columnsFor(table, names, 'is trained on')
  }
  return { filled: own(filled), strict: own(strict) }
}

/** The shape of each input that fits its features, by name. */
export function inputShapes(read: ReadData, ports: ModelPorts): Map<string, Shape> {
  const { inputs, all } = columnsOf(read, ports)
  return new Map(
    inputs.map(({ port, columns, fitting }) => [port.name, inputShape(all, columns, fitting).shape]),
  )
}

/** The number of different values of an input, by which an embedding looks up its vectors. */
export function vocabularySize(read: ReadData, ports: ModelPorts, name: string): number {
  const { inputs, all } = columnsOf(read, ports)
  const sizes = inputs.flatMap(({ port, columns, fitting }) =>
    port.name === name
      ? inputShape(all, columns, fitting).features.map((feature) => vocabularyOf(all, feature))
      : [],
  )
  return Math.max(1, ...sizes)
}

/** The number of classes of an output, whose last axis they are. */
export function classCount(read: ReadData, ports: ModelPorts, name: string): number {
  const { targets, rows } = columnsOf(read, ports)
  const { port, selection } = targets.find((target) => target.port.name === name) ?? {}
  if (!port || !selection) throw new DataError(`${read.train.name}: the output ${quote(name)} has no target`)
  const { classes, columns } = selection
  if (classes) return classes.length
  const steps = sizeOf(port.shape.slice(0, -1))
  const width = targetWidth(read.train, columns) * targetSteps(read.selection.window)
  return width === steps ? countLabels(read.train, rows, selection) : width / steps
}

function columnsOf(read: ReadData, ports: ModelPorts) {
  const { train: table, selection } = read
  const { inputs, targets, ...chosen } = modelColumns(table, selection, ports)
  const { rows, all } = rowsOfRun(read, chosen)
  const fitted = inputs.map(({ port, columns, selection: { encoding } }) => ({
    port,
    columns,
    fitting: { encoding, missing: selection.missing, window: selection.window },
  }))
  return { inputs: fitted, targets, rows, all }
}

/** The number of different strings, or of classes that whole numbers from 0 or 1 on stand for. */
function countLabels(table: Table, rows: Uint32Array, { columns }: TargetSelection): number {
  const labels = distinctLabels(table, rows, columns)
  if ([...labels].some((label) => typeof label === 'string')) return labels.size
  const numbers = [...labels].map(Number)
  const last = numbers.reduce((a, b) => Math.max(a, b), 0)
  const isIndex = numbers.every((label) => Number.isInteger(label) && label >= 0)
  if (isIndex && last < 2 * labels.size) return labels.has(0) || labels.size < last ? last + 1 : last
  throw new DataError(
    `${table.name}: the labels in ${list(columns)} are not class indices from 0 or 1 on: ${list(numbers.slice(0, 5).map(String))}`,
    { hint: 'list them in class order, as in `target: {column: ..., classes: [...]}`' },
  )
}
