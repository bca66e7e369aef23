import { targetSteps } from '../data/fit/window.ts'
import { readRows } from '../data/prepare/new-rows.ts'
import { fileColumn } from '../data/prepare/passed-columns.ts'
import { trueValues } from '../data/prepare/true-values.ts'
import type { RowSet } from '../data/rows/row-set.ts'
import { DataError } from '../errors.ts'
import { analyzeModel } from '../experiment/analysis.ts'
import type { Analysis } from '../experiment/analysis.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { evaluateModel } from '../experiment/evaluation.ts'
import type { Evaluation } from '../experiment/evaluation.ts'
import { predictedRows } from '../experiment/predicted-rows.ts'
import type { PredictionBatch } from '../experiment/prediction-batch.ts'
import {
  hasOtherRows,
  measuredRows,
  openModel,
  ownData,
  rowsReading,
  rowsSource,
} from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { runName } from '../run/run-name.ts'
import type { SplitName, Table } from '../table/table.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type EvaluateOptions = EnvironmentOptions &
  EngineOptions & {
    /** A run folder, a model.json, or a config, whose last plain run is used. */
    readonly model: string
    /** Rows with targets: a file, a folder or a pattern; default: the rows of the config. */
    readonly data?: string | undefined
    /** Format of `data`; default: that of its name. */
    readonly from?: string | undefined
    /** File of the labels, where `data` is an IDX file of images. */
    readonly labels?: string | undefined
    /** Split of the config's rows; default: test, else validation, else train. */
    readonly split?: SplitName | undefined
    /** Looks into the predictions: confidence intervals, curves, thresholds, calibration, importance, the worst rows. */
    readonly explain?: boolean | undefined
  }

/** An evaluation with the rows that it was made on, those of `data`, else of a split, and the folder of the model's run. */
export type EvaluationOfRows = Evaluation & {
  readonly on: string
  readonly run: string
  readonly analysis?: Analysis
}

/** Measures a trained model on rows whose targets are known. */
export async function evaluate(options: EvaluateOptions): Promise<EvaluationOfRows> {
  const environment = environmentOf(options)
  const model = await openModel(options.model, environment)
  const { rows, table, on, close } = await rowsToMeasure(model, options, environment)
  try {
    const engine = await openEngineFor(options, model.spec.fit, environment)
    const evaluation = await evaluateModel(engine, model, rows)
    for (const note of evaluation.notes) environment.onNote(note)
    const analysis = options.explain ? await analyzeModel(engine, model, rows, table) : undefined
    return { on, run: model.folder, ...evaluation, ...(analysis && { analysis }) }
  } finally {
    close()
  }
}

/** Predicts for the rows that `evaluate` measures, beside their targets, as many at once as memory has room for. */
export async function* evaluatedPredictions(options: EvaluateOptions): AsyncGenerator<PredictionBatch> {
  // What there is to note, evaluate has noted.
  const environment = { ...environmentOf(options), onNote: () => undefined }
  const model = await openModel(options.model, environment)
  const { rows, table, close } = await rowsToMeasure(model, options, environment)
  try {
    const engine = await openEngineFor(options, model.spec.fit, environment)
    const steps = targetSteps(model.preprocessing.window)
    for await (const { outputs, sourceRow, targetRows } of predictedRows(engine, model, rows, environment)) {
      const targets = model.preprocessing.outputs.map(
        (output) => [output.name, trueValues(table, targetRows, output, steps)] as const,
      )
      const kept = fileColumn(table, sourceRow)
      yield { model: model.folder, outputs, sourceRow, kept, targets: new Map(targets), unseen: [] }
    }
  } finally {
    close()
  }
}

type MeasuredRows = {
  readonly rows: RowSet
  readonly table: Table
  /** The file or the split, in words. */
  readonly on: string
  readonly close: () => void
}

async function rowsToMeasure(
  model: OpenedModel,
  { data, from, labels, split }: EvaluateOptions,
  environment: Environment,
): Promise<MeasuredRows> {
  if (data !== undefined) {
    const source = await rowsSource(data, { from, labels }, model.spec.data, environment.cwd)
    const reading = rowsReading(model, { targets: true }, environment)
    const { rows, table, notes, close } = await readRows(source, model.preprocessing, reading)
    for (const note of notes) environment.onNote(note)
    return { rows, table, on: data, close }
  }
  const prepared = await ownData(model, environment)
  const chosen = split ?? measuredRows(prepared).split
  if (model.record !== undefined && hasOtherRows(model.record, prepared)) {
    const run = runName(model.folder, environment.cwd)
    environment.onNote(
      `the data has changed since ${run} was trained: it may have been trained on some of the ${chosen} rows`,
    )
  }
  const rows = prepared[chosen]
  if (rows === undefined) {
    throw new DataError(`the config sets no rows aside for the ${chosen} split`, {
      hint: `set data.split.${chosen} and train again`,
    })
  }
  return { rows, table: prepared.tables[chosen], on: `${chosen} rows`, close: () => prepared.close() }
}
