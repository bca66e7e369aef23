import type { PreparedRows } from '../data/prepare/prepare.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { gatherInput } from '../engine/batch.ts'
import { NnlabError } from '../errors.ts'
import { compare } from '../exchange/compare.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import type {
  NamedArray,
  NamedColumn,
  ProgramAnswer,
  ProgramCheck,
  ProgramRequest,
} from '../exchange/program.ts'
import { runInPython } from '../exchange/python.ts'
import { rawResults, valuesOfResult } from '../exchange/raw.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { measuredRows, ownData } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import type { Preprocessing } from '../runtime/preprocessing.ts'
import { spanOf } from '../runtime/window.ts'
import { required } from '../step/step-program.ts'
import { randomRows } from './random-rows.ts'
import { rowsAsRead } from './rows-as-read.ts'

/** Rows that are compared. */
const CHECKED_ROWS = 100

export type CheckOptions = EngineOptions & {
  /** The Python with the program that a format is for; default: python3, then python. */
  readonly python?: string | undefined
}

/** A file, the program that it is for, and what it takes to compute here what that program computes. */
export type ComparedFile = {
  readonly check: ProgramCheck
  readonly path: string
  readonly options: CheckOptions
  readonly environment: Environment
}

/** Compares what the program of a format makes of an exported model with what it is here. */
export async function checkExport(
  comparison: ComparedFile,
  model: OpenedModel,
  isRaw: boolean,
): Promise<ExportCheck> {
  const { check, path, options, environment } = comparison
  if (check.compares === 'weights') {
    const { weights } = model
    const answer = await ask(check, options, { path, inputs: [], names: [...weights.keys()] })
    return compare(check, answer, [...weights.values()], undefined)
  }
  const own = await readingOwnRows(model, environment, (prepared) => firstRows(prepared, isRaw))
  // An imported model never had rows.
  const rows = 'absent' in own && model.record === undefined ? (madeRows(model) ?? own) : own
  if ('absent' in rows) return rows
  if (isRaw) return compareRaw(comparison, model, rows)
  return (await comparePredictions(comparison, model, rows.encoded)).compared
}

type ComparedModel = Pick<OpenedModel, 'task' | 'spec' | 'weights'>

/** Compares predictions for encoded rows with those of the program that a file is for. */
export async function comparePredictions(
  { check, path, options, environment }: ComparedFile,
  model: ComparedModel,
  inputs: readonly NamedArray[],
) {
  const predicted = await networkPredictions(model, inputs, options, environment)
  const names = model.task.outputs.map(({ name }) => name)
  const answer = await ask(check, options, { path, inputs, names })
  const own = names.map((name) => required(predicted, name))
  return { own, answer, compared: compare(check, answer, own, inputs[0]?.shape[0]) }
}

/** Compares labels, probabilities and numbers for raw rows. */
async function compareRaw(
  { check, path, options, environment }: ComparedFile,
  model: OpenedModel,
  { encoded, columns }: OwnRows,
): Promise<ExportCheck> {
  const predicted = await networkPredictions(model, encoded, options, environment)
  const results = rawResults(model.preprocessing)
  const names = results.map(({ name }) => name)
  const { window } = model.preprocessing
  const answer = await ask(check, options, { path, inputs: columns, names, span: window && spanOf(window) })
  const ours = results.map((result) => valuesOfResult(result, required(predicted, result.output.name)))
  return compare(check, answer, ours, encoded[0]?.shape[0])
}

/** The numbers of the outputs of a model for encoded rows. */
async function networkPredictions(
  { task, spec, weights }: ComparedModel,
  inputs: readonly NamedArray[],
  options: CheckOptions,
  environment: Environment,
): Promise<ReadonlyMap<string, Float32Array>> {
  const rows = inputs[0]?.shape[0] ?? 0
  const encoded: EncodedRows = {
    rows,
    inputs: inputs.map(({ name, shape, data }) => ({ name, shape: shape.slice(1), data })),
    targets: [],
    sourceRow: new Uint32Array(rows),
  }
  const engine = await openEngineFor(options, spec.fit, environment)
  const session = engine.open(task, weights)
  try {
    return await session.predict(encoded, Math.min(rows, spec.fit.batch_size))
  } finally {
    session.dispose()
  }
}

/** Asks the program that a file is for. */
export function ask(
  check: ProgramCheck,
  { python }: CheckOptions,
  request: ProgramRequest,
): Promise<ProgramAnswer> {
  if ('answer' in check) return check.answer(request)
  return runInPython(python === undefined ? ['python3', 'python'] : [python], check, request)
}

/** Rows as inputs of the network, and as they were read where that is asked for. */
type OwnRows = { readonly encoded: readonly NamedArray[]; readonly columns: readonly NamedColumn[] }

/** Random rows of a model whose columns are the inputs of its network; undefined for others. */
function madeRows({ graph, preprocessing }: OpenedModel): OwnRows | undefined {
  const isPlain = preprocessing.inputs.every(({ name, features }) =>
    features.every(
      (feature) => feature.kind === 'array' && feature.column === name && feature.scalings.length === 0,
    ),
  )
  if (!isPlain || preprocessing.window) return undefined
  const encoded = randomRows(graph)
  return { encoded, columns: encoded.map((one) => ({ ...one, data: Float64Array.from(one.data) })) }
}

/** Reads something of the rows of the run before they are given up. */
export async function readingOwnRows<T>(
  model: OpenedModel,
  environment: Environment,
  read: (prepared: PreparedRows) => Promise<T>,
): Promise<T | { readonly absent: string }> {
  const found: T[] = []
  try {
    const data = await ownData(model, environment, async (_, prepared) => {
      found.push(await read(prepared))
    })
    data.close()
  } catch (error) {
    if (!(error instanceof NnlabError)) throw error
    return { absent: `its rows cannot be read: ${error.message}` }
  }
  const [rows] = found
  if (rows === undefined) throw new Error('rows are prepared before they are given up')
  return rows
}

/** The first rows of the test split, else of the validation or the training split. */
async function firstRows(prepared: PreparedRows, asRead: boolean): Promise<OwnRows> {
  const { split, rows: set } = measuredRows(prepared)
  const count = Math.min(set.rows, CHECKED_ROWS)
  const window = await set.window(inOrder(0, count))
  const encoded = arraysOf(window.encoded, window.order)
  const { tables, preprocessing } = prepared
  const rows = [...window.order].flatMap((position) => sourceRows(window.encoded, position, preprocessing))
  set.release(window)
  return { encoded, columns: asRead ? rowsAsRead(tables[split], rows, preprocessing) : [] }
}

/** The inputs of the network for some of the encoded rows. */
export function arraysOf({ inputs }: EncodedRows, rows: Uint32Array): NamedArray[] {
  return inputs.map((input) => ({
    name: input.name,
    shape: [rows.length, ...input.shape],
    data: gatherInput(input, rows),
  }))
}

/** The rows of the source that a row is made of: one, or those of a window, of which those between its steps are not read. */
function sourceRows(
  { sourceRow, windows }: EncodedRows,
  position: number,
  { window }: Preprocessing,
): number[] {
  if (!window || !windows) return [sourceRow[position] ?? 0]
  const { steps, sampling_rate: rate = 1 } = window
  return Array.from(
    { length: spanOf(window) },
    (_, i) => windows[position * steps + Math.floor(i / rate)] ?? 0,
  )
}
