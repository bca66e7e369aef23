import { sourceOf } from '../../components/sources/index.ts'
import type { Reading } from '../../components/sources/source.ts'
import type { Selection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { PREPROCESSING_VERSION } from '../../runtime/preprocessing.ts'
import type { ClassesState, OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { openSpool } from '../../table/columns/spool.ts'
import type { Spool } from '../../table/columns/spool.ts'
import type { Column, DividedTables, Table } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { encodeClassTarget, fitClassTarget } from '../fit/class-target.ts'
import { encodeSet } from '../fit/encode-set.ts'
import { featureColumns, fitInput } from '../fit/features.ts'
import type { InputPort } from '../fit/features.ts'
import { allRows, usableRows } from '../fit/missing.ts'
import { fitNumericTarget } from '../fit/numeric-target.ts'
import { rolesOf, stringColumns, transformIn } from '../fit/roles.ts'
import { pairUp } from '../fit/selection.ts'
import type { OutputPort } from '../fit/target.ts'
import { rowsOrWindows } from '../fit/window.ts'
import type { TableRows } from '../fit/window.ts'
import type { RowSet } from '../rows/row-set.ts'
import { balancedRows } from '../split/balance.ts'
import { sharedNote } from '../split/duplicates.ts'
import { splitRows } from '../split/split.ts'
import type { RowClasses } from '../split/splits.ts'

export type PrepareOptions = Pick<Reading, 'directory' | 'stdin' | 'datasets'> & {
  seed: number
  /** What the model takes and gives, in its order; an input without a shape is as wide as its features. */
  inputs: readonly InputPort[]
  outputs: readonly (OutputPort & { kind: 'classes' | 'numbers' })[]
  /** What was fitted before on the same data: replayed instead of fitted anew. */
  fitted?: Preprocessing
}

export type PreparedRows = {
  train: RowSet
  validation?: RowSet
  test?: RowSet
  preprocessing: Preprocessing
  /** What was done to the data that its owner may want to know. */
  notes: string[]
  /** Gives back the room on disk of rows that memory has no room for. */
  close(): void
}

export type PreparedData = PreparedRows & {
  /** SHA-256, in hex, of the contents read. */
  fingerprint: string
}

/** The rows that a config names, as they were read. */
export type ReadData = DividedTables & {
  selection: Selection
  /** Where rows are that memory has no room for; undefined where the source always takes what it needs. */
  spool: Spool | undefined
}

/** Reads, divides and encodes the rows of a config; whatever is fitted is fitted on the training rows. */
export async function prepareData(spec: DataSpec, options: PrepareOptions): Promise<PreparedData> {
  const { createHash } = await import('node:crypto')
  const fingerprint = createHash('sha256')
  const read = await readData(spec, { ...options, fingerprint })
  const { spool } = read
  const asRead = spool?.files ?? []
  try {
    const prepared = await prepareRows(read, spec, options)
    spool?.close(asRead)
    return { ...prepared, fingerprint: fingerprint.digest('hex') }
  } catch (error) {
    spool?.close()
    throw error
  }
}

export async function readData(
  spec: DataSpec,
  options: Pick<Reading, 'directory' | 'stdin' | 'datasets' | 'fingerprint'>,
): Promise<ReadData> {
  const source = sourceOf(spec)
  const selection = source.selection(spec)
  const memory = source.memory(spec)
  const spool = memory === undefined ? undefined : openSpool(memory, options.datasets?.cache)
  try {
    const reading = { ...options, types: stringColumns(selection), spool }
    const parts = await source.read(spec, reading)
    return { ...parts, selection, spool }
  } catch (error) {
    spool?.close()
    throw error
  }
}

/** Divides and encodes rows that have been read. */
export async function prepareRows(
  { train: table, validation: ownValidation, test: ownTest, notes: readingNotes, selection, spool }: ReadData,
  spec: DataSpec,
  options: PrepareOptions,
): Promise<PreparedRows> {
  const notes = [...readingNotes]
  const inputs = pairUp('input', options.inputs, selection.inputs)
  const targets = pairUp('output', options.outputs, selection.targets)
  const { window } = selection
  const roles = rolesOf(table, selection)
  const features = inputs.map((input) => ({
    ...input,
    columns: featureColumns(table, input.selection, roles.taken),
  }))
  const columns = features.flatMap((input) => input.columns)
  const leaking = window?.horizon ? [] : columns.filter(({ name }) => roles.targets.has(name))
  if (leaking.length > 0)
    notes.push(`${list(leaking.map(({ name }) => name))}: a target that the model also sees as a feature`)

  const policy = policyOf(selection)
  const isFilled = (column: Column): boolean =>
    policy === 'fill' || transformIn(selection, column.name)?.['missing'] !== undefined
  const used = {
    filled: columns.filter(isFilled),
    strict: [...columns.filter((column) => !isFilled(column)), ...roles.others],
  }
  const { rows, dropped } = usableRows(table, used, policy)
  if (dropped > 0) notes.push(`${dropped} of ${table.rows} rows have missing values and were left out`)

  const classTargets = new Map<string, ClassesState>()
  for (const { port, selection } of targets.filter(({ port }) => port.kind === 'classes')) {
    const fitted = fitClassTarget(table, rows, port, selection)
    classTargets.set(port.name, fitted.state)
    notes.push(...fitted.notes)
  }
  const classesFor = (key: string): RowClasses => rowClasses(table, rows, classTargets.values(), key)
  const classes = spec.split.stratify ? classesFor('split.stratify') : undefined
  const parts = splitRows(table, rows, spec.split, options.seed, classes)

  const preprocessing: Preprocessing = options.fitted ?? {
    version: PREPROCESSING_VERSION,
    inputs: features.map(({ port, columns, selection: { encoding } }) =>
      fitInput(table, parts.train, port, columns, { encoding, missing: selection.missing, window }),
    ),
    outputs: targets.map(
      ({ port, selection }): OutputState =>
        classTargets.get(port.name) ?? fitNumericTarget(table, parts.train, port, selection),
    ),
    ...(selection.sampleWeight !== undefined && { sample_weight: selection.sampleWeight }),
    missing: policy,
    ...(window && { window }),
    ...sourceOf(spec).savedForm?.(
      spec,
      table.columns.map(({ name }) => name),
    ),
  }
  const encode = (from: Table, chosen: TableRows): RowSet =>
    encodeSet(from, chosen, preprocessing, { targets: true, sampleWeight: true }, spool)
  const { balance } = spec
  const trainRows = rowsOrWindows(table, parts.train, window, 'training')
  const train = encode(
    table,
    balance === 'none'
      ? trainRows
      : balancedRows(trainRows, classesFor('balance').indices, balance, options.seed),
  )
  /** A file of its own, or what was set aside. */
  const held = (own: Table | undefined, rows: Uint32Array, what: string) => {
    const from = own ?? table
    const samples = rowsOrWindows(from, own ? allRows(own) : rows, window, what)
    return samples.rows.length > 0 && { table: from, set: encode(from, samples) }
  }
  const validation = held(ownValidation, parts.validation, 'validation')
  const test = held(ownTest, parts.test, 'test')
  if (test && !options.fitted) {
    const shared = await sharedNote({ table, set: train }, test)
    if (shared) notes.push(shared)
  }
  return {
    train,
    ...(validation && { validation: validation.set }),
    ...(test && { test: test.set }),
    preprocessing,
    notes,
    close: () => spool?.close(),
  }
}

function policyOf({ missing }: Selection): Preprocessing['missing'] {
  return missing === 'error' || missing === 'drop' ? missing : 'fill'
}

/** The class of every row, from the first output that has one class a row. */
function rowClasses(
  table: Table,
  rows: Uint32Array,
  outputs: Iterable<ClassesState>,
  key: string,
): RowClasses {
  for (const output of outputs) {
    if (output.shape.length > 1) continue
    const indices = new Int32Array(table.rows)
    for (const block of blocksWith(table, rows)) {
      const { data } = encodeClassTarget(block.table, block.rows, output)
      for (const [i, index] of data.entries()) indices[block.start + (block.rows[i] ?? 0)] = index
    }
    return { indices, names: output.classes }
  }
  throw new DataError(`${table.name}: data.${key} needs a target of classes, one a row`)
}
