import { readRows } from '../data/prepare/new-rows.ts'
import type { NewRows } from '../data/prepare/new-rows.ts'
import { targetSteps } from '../data/fit/window.ts'
import { fileColumn, passedColumns } from '../data/prepare/passed-columns.ts'
import { knownOutputs, trueValues } from '../data/prepare/true-values.ts'
import { DataError, UsageError } from '../errors.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { upToLayer } from '../experiment/output-layer.ts'
import { openModel, rowsReading, rowsSource } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { predictedRows } from '../experiment/predicted-rows.ts'
import type { Predicted } from '../experiment/predicted-rows.ts'
import { predictionRecords, RECORD_KEYS } from '../experiment/prediction-batch.ts'
import type { PredictionBatch, PredictionRecord } from '../experiment/prediction-batch.ts'
import { requireThreshold } from '../runtime/predictions.ts'
import { describe, isMap } from '../registry.ts'
import { quote } from '../wording.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type PredictOptions = EnvironmentOptions &
  EngineOptions & {
    /** A run folder, a model.json, or a config, whose last plain run is used. */
    readonly model: string
    /** Rows as plain objects, or a file, a folder or a pattern; `-` stands for `stdin`. */
    readonly rows: string | readonly Readonly<Record<string, unknown>>[]
    /** Format of the rows; default: that of the name. */
    readonly from?: string | undefined
    /** Columns of the rows that are passed on beside the predictions. */
    readonly keep?: readonly string[] | undefined
    /** Predict every window of a time series whose target is known, in place of what follows the last one. */
    readonly backtest?: boolean | undefined
    /** The probability above which the positive class is predicted, for outputs of one unit; default: 0.5. */
    readonly threshold?: number | undefined
    /** A layer whose output is predicted, in place of the outputs of the model. */
    readonly outputLayer?: string | undefined
  }

/** Predicts for raw rows, with or without their target columns. */
export async function predict(options: PredictOptions): Promise<PredictionRecord[]> {
  const records: PredictionRecord[] = []
  for await (const batch of predictBatches(options)) {
    for (const record of predictionRecords(batch)) records.push(record)
  }
  return records
}

/** Predicts for raw rows, as many at once as memory has room for. */
export async function* predictBatches(options: PredictOptions): AsyncGenerator<PredictionBatch> {
  const { rows: given, threshold, outputLayer } = options
  if (typeof given !== 'string' && !isIterable(given))
    throw new UsageError('expected a list of objects, or the name of a file', { option: 'rows' })
  const environment = environmentOf(
    typeof given === 'string'
      ? options
      : { ...options, stdin: Object.assign(linesOf(given), { shownAs: 'rows' }) },
  )
  const opened = await openModel(options.model, environment)
  const model = outputLayer === undefined ? opened : upToLayer(opened, outputLayer)
  if (threshold !== undefined) requireThreshold(threshold, model.preprocessing.outputs)
  if (Array.isArray(given) && given.length === 0) return
  const read = await readNew(options, model, environment)
  const { rows: set, notes, close } = read
  try {
    for (const note of notes) environment.onNote(note)
    const engine = await openEngineFor(options, model.spec.fit, environment)
    const beside = besideOf(read, model, options)
    const { onNote } = environment
    for await (const predicted of predictedRows(engine, model, set, { threshold, onNote })) {
      const { outputs } = predicted
      yield { outputs, ...(outputLayer !== undefined && { layer: true }), ...beside(predicted) }
    }
  } finally {
    close()
  }
}

async function readNew(
  { rows, from, keep = [], backtest = false }: PredictOptions,
  model: OpenedModel,
  environment: Environment,
): Promise<NewRows> {
  const named = typeof rows === 'string' ? { path: rows, from } : { path: '-', from: 'jsonl' as const }
  const taken = keep.find((name) =>
    [...RECORD_KEYS, ...model.task.outputs.map((one) => one.name)].includes(name),
  )
  if (taken !== undefined) {
    throw new UsageError(`a column of the predictions is called ${quote(taken)} too`, {
      option: 'keep',
      hint: 'give the column another name in the file',
    })
  }
  if (backtest && !model.preprocessing.window) {
    throw new UsageError('the model predicts rows, not windows of a time series', {
      option: 'backtest',
      hint: 'leave it out: targets of the rows are written beside the predictions anyway',
    })
  }
  const source = await rowsSource(named.path, named, model.spec.data, environment.cwd)
  const reading = { ...rowsReading(model, { targets: false }, environment), keep, backtest }
  return readRows(source, model.preprocessing, reading)
}

/** Returns what stands beside the predictions for some rows. */
function besideOf(
  read: NewRows,
  { folder, preprocessing }: OpenedModel,
  { keep = [], outputLayer }: PredictOptions,
): (predicted: Pick<Predicted, 'sourceRow' | 'targetRows'>) => Omit<PredictionBatch, 'outputs'> {
  const { table, unseen } = read
  const known = outputLayer === undefined ? knownOutputs(read, preprocessing) : []
  const steps = targetSteps(preprocessing.window)
  return ({ sourceRow, targetRows }) => ({
    model: folder,
    sourceRow,
    kept: [...fileColumn(table, sourceRow), ...passedColumns(table, sourceRow, keep)],
    targets: new Map(known.map((output) => [output.name, trueValues(table, targetRows, output, steps)])),
    unseen,
  })
}

/** Objects as JSON, one a line. */
async function* linesOf(rows: Iterable<unknown>): AsyncGenerator<Uint8Array> {
  let count = 0
  for (const row of rows) {
    count++
    if (!isMap(row))
      throw new DataError(`row ${count}: ${describe(row)} is not an object of values by column`)
    const place = `row ${count}`
    const text = JSON.stringify(row, function (this: Readonly<Record<string, unknown>>, key, json: unknown) {
      return plainValue(this[key], json, () => `${place}: column ${quote(key)}`)
    })
    yield await Promise.resolve(Buffer.from(`${text}\n`))
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

/**
 * A value as a row has it, where JSON has no such values: infinite numbers would be missing ones, arrays of numbers objects,
 * and functions would be left out.
 */
function plainValue(value: unknown, json: unknown, whose: () => string): unknown {
  if (ArrayBuffer.isView(value)) return Object.values(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new DataError(`${whose()} holds a ${typeof value}, which is no value`)
  return value === Infinity || value === -Infinity ? String(value) : json
}
