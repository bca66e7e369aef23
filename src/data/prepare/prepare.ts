import { sourceOf } from '../../components/sources/index.ts'
import type { Problem } from '../../diagnostic.ts'
import { DataError } from '../../errors.ts'
import { jsonKey } from '../../json.ts'
import { Recent } from '../../recent.ts'
import type { ClassesState, InputState, Preprocessing } from '../../runtime/preprocessing.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import type { SplitName, Table } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { encodeClassTarget, fitClassTarget } from '../fit/class-target.ts'
import type { RowsOfTable } from '../fit/features.ts'
import { fitPreprocessing } from '../fit/fit.ts'
import { modelColumns } from '../fit/model-columns.ts'
import type { ModelColumns, ModelPorts } from '../fit/model-columns.ts'
import { isSoft } from '../fit/numeric-target.ts'
import { stepOf } from '../fit/target.ts'
import { unseenIn, unseenNote } from '../fit/unseen.ts'
import { targetSteps } from '../fit/window.ts'
import type { TableRows } from '../fit/window.ts'
import type { RowSet } from '../rows/row-set.ts'
import { balancedRows } from '../split/balance.ts'
import { sharedWarnings } from '../split/duplicates.ts'
import { splitRows } from '../split/split.ts'
import type { RowClasses } from '../split/splits.ts'
import { encodeSplits } from './encode-splits.ts'
import { rowsOfRun } from './measure.ts'
import { refuseImprobable } from './probabilities.ts'
import { orderNotes, orderWarnings } from './order.ts'
import { readData } from './read-data.ts'
import type { ReadData, ReadOptions } from './read-data.ts'

export type PrepareOptions = ReadOptions & {
  /** The inputs and outputs of the model that the rows are for. */
  portsFor(read: ReadData): ModelPorts
  seed: number
  /** Preprocessing that was fitted on the same data before: replayed instead of fitted again. */
  fitted?: Preprocessing
  /** Inputs whose transforms were fitted to other rows, which are used as they are. */
  fittedInputs?: readonly InputState[] | undefined
  /** Rows that several trainings have in common. */
  shared?: SharedRows | undefined
  /** Looks at the rows before all but the encoded ones is given up. */
  onPrepared?(read: ReadData, prepared: PreparedRows): Promise<void>
}

export type PreparedRows = {
  train: RowSet
  validation?: RowSet
  test?: RowSet
  /** The table that the rows of each split come from. */
  tables: Readonly<Record<SplitName, Table>>
  preprocessing: Preprocessing
  /** Changes to the data that its owner may want to know about. */
  notes: string[]
  /** Likely mistakes in the way that the rows are divided. */
  warnings: readonly Problem[]
  /** Removes rows on disk. */
  close(): void
}

export type PreparedData = PreparedRows & {
  /** SHA-256, in hex, of the contents read. */
  fingerprint: string
}

/** Reads, divides and encodes the rows of a config; all fitting uses the training rows. */
export async function prepareData(spec: DataSpec, options: PrepareOptions): Promise<PreparedData> {
  const { read, fingerprint } = await rowsRead(spec, options)
  const { spool } = read
  const filesRead = spool?.files ?? []
  try {
    const prepared = await rowsPrepared(read, fingerprint, spec, options)
    await options.onPrepared?.(read, prepared)
    spool?.close(filesRead)
    return { ...prepared, notes: [...prepared.notes], fingerprint }
  } catch (error) {
    spool?.close()
    throw error
  }
}

/** Rows with the SHA-256, in hex, of the contents read. */
type RowsRead = { readonly read: ReadData; readonly fingerprint: string }

/** The rows in memory that were read and prepared last, for several trainings of one process. */
export class SharedRows {
  readonly read = new Recent<Promise<RowsRead>>(1)
  readonly prepared = new Recent<Promise<PreparedRows>>(1)
}

/** The kept value of a key; a failure is not kept. */
async function kept<T>(recent: Recent<Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  try {
    return await recent.get(key, make)
  } catch (error) {
    recent.delete(key)
    throw error
  }
}

/** Reads rows, or takes those that another training has read. */
async function rowsRead(spec: DataSpec, options: PrepareOptions): Promise<RowsRead> {
  const { shared, directory, datasets } = options
  if (shared === undefined) return readRows(spec, options)
  const key = jsonKey([readKey(spec), directory, datasets?.folder, datasets?.fallback])
  let isOwn = false
  const rows = await kept(shared.read, key, () => {
    isOwn = true
    return readRows(spec, options)
  })
  if (isInMemory(rows.read)) return rows
  shared.read.delete(key)
  return isOwn ? rows : readRows(spec, options)
}

/** A key that data sections have in common of which the same rows are read. */
export function readKey({ split: _split, balance: _balance, ...read }: DataSpec): string {
  return jsonKey(read)
}

async function readRows(spec: DataSpec, options: PrepareOptions): Promise<RowsRead> {
  const { createHash } = await import('node:crypto')
  const fingerprint = createHash('sha256')
  const read = await readData(spec, { ...options, fingerprint })
  return { read, fingerprint: fingerprint.digest('hex') }
}

function isInMemory({ spool }: ReadData): boolean {
  return spool === undefined || spool.files.length === 0
}

/** Divides and encodes rows, or takes those of another training where all that they depend on is the same. */
function rowsPrepared(
  read: ReadData,
  fingerprint: string,
  spec: DataSpec,
  options: PrepareOptions,
): Promise<PreparedRows> {
  const { shared, seed, fittedInputs, directory } = options
  const ports = options.portsFor(read)
  const prepare = (): Promise<PreparedRows> => prepareRows(read, spec, { ...options, portsFor: () => ports })
  return shared && isInMemory(read)
    ? kept(shared.prepared, jsonKey([fingerprint, spec, directory, seed, fittedInputs, ports]), prepare)
    : prepare()
}

/** Divides and encodes rows that have been read. */
export async function prepareRows(
  read: ReadData,
  spec: DataSpec,
  options: PrepareOptions,
): Promise<PreparedRows> {
  const { train: table, selection, spool } = read
  const { seed, fitted } = options
  const ports = options.portsFor(read)
  const chosen = modelColumns(table, selection, ports)
  const { rows, held, all, notes } = rowsOfRun(read, chosen)
  const usable = { table, rows }
  const soft = softTargets(usable, chosen.targets)
  const { targets } = soft
  const { classes, notes: classNotes } = fitClasses(usable, all, targets, targetSteps(selection.window))
  const classesFor = (key: string): RowClasses => rowClasses(table, rows, classes, key)

  const stratified = spec.split.stratify ? classesFor('split.stratify') : undefined
  const splits = { ...splitRows(table, rows, spec.split, seed, stratified), ...held }
  const training = { table, rows: splits.train }
  const names = table.columns.map(({ name }) => name)
  const preprocessing = fitted ?? {
    ...fitPreprocessing(training, all, { ...chosen, targets }, classes, selection, options.fittedInputs),
    ...sourceOf(spec).savedForm?.(spec, names),
  }
  const { balance } = spec
  const balanced = (from: TableRows): TableRows =>
    balance === 'none' ? from : balancedRows(from, classesFor('balance').indices, balance, seed)
  const encoded = encodeSplits(read, splits, preprocessing, ports.vocabularies, balanced)
  const { train, validation, test } = encoded
  if (!fitted) await refuseImprobable(train, preprocessing.outputs)
  return {
    train: train.set,
    ...(validation && { validation: validation.set }),
    ...(test && { test: test.set }),
    tables: { train: table, validation: read.validation ?? table, test: read.test ?? table },
    preprocessing,
    notes: [
      ...read.notes,
      ...chosen.notes,
      ...notes,
      ...soft.notes,
      ...classNotes,
      ...unseenNotes(all, preprocessing),
      ...(fitted ? [] : orderNotes(spec.split)),
    ],
    warnings: fitted
      ? []
      : [
          ...(test ? await sharedWarnings(train, test) : []),
          ...orderWarnings(table, splits.train, selection.window, spec.split),
        ],
    close: () => spool?.close(),
  }
}

/** The targets of classes, fitted to the rows of the training table; `all` are those of the run. */
function fitClasses(
  { table, rows }: RowsOfTable,
  all: readonly RowsOfTable[],
  targets: ModelColumns['targets'],
  steps: number,
): { classes: ClassesState[]; notes: string[] } {
  const fits = targets
    .filter(({ port }) => port.kind === 'classes')
    .map(({ port, selection }) => {
      const { state, notes } = fitClassTarget(table, rows, stepOf(port, steps), selection, all)
      return { state: { ...state, shape: port.shape }, notes }
    })
  return { classes: fits.map(({ state }) => state), notes: fits.flatMap(({ notes }) => notes) }
}

/**
 * The targets, of which those for a loss of one probability a unit, such as images, become numbers: those from 0 to 1 are
 * compared as they are where they are no labels, with a note. An input that is the target is always numbers.
 */
function softTargets(
  { table, rows }: RowsOfTable,
  targets: ModelColumns['targets'],
): { targets: ModelColumns['targets']; notes: string[] } {
  const notes: string[] = []
  const soft = targets.map((target) => {
    const { port, selection } = target
    const { columns, sameAs, classes } = selection
    const mayBeSoft = port.kind === 'classes' && port.probabilities !== undefined && !classes
    if (sameAs === undefined) {
      if (!mayBeSoft || port.shape.at(-1) !== 1 || !isSoft(table, rows, columns)) return target
      notes.push(`${list(columns)}: numbers from 0 to 1, which are compared as probabilities, not as labels`)
    }
    return { selection, port: { ...port, kind: 'numbers' as const } }
  })
  return { targets: soft, notes }
}

/** Notes on the values of each table that training does not see. */
function unseenNotes(all: readonly RowsOfTable[], preprocessing: Preprocessing): string[] {
  return all.flatMap(({ table, rows }) => unseenNote(table, rows, unseenIn(table, rows, preprocessing)) ?? [])
}

/** The class of every row, from the first output that has one class a row. */
function rowClasses(
  table: Table,
  rows: Uint32Array,
  outputs: readonly ClassesState[],
  key: string,
): RowClasses {
  const output = outputs.find(({ shape }) => shape.length <= 1)
  if (!output) throw new DataError(`${table.name}: data.${key} needs a target of classes, one per row`)
  const indices = new Int32Array(table.rows)
  for (const block of blocksWith(table, rows)) {
    const { data } = encodeClassTarget(block.table, block.rows, output)
    for (const [i, index] of data.entries()) indices[block.start + (block.rows[i] ?? 0)] = index
  }
  return { indices, names: output.classes }
}
