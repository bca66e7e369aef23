import type { UnseenValues } from '../data/fit/unseen.ts'
import { readRows } from '../data/prepare/new-rows.ts'
import { inOrder } from '../data/rows/in-order.ts'
import { windowsOf } from '../data/rows/row-set.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import { openModel, rowsReading, rowsSource } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { notFiniteNote } from '../experiment/not-finite.ts'
import { predictionRecords } from '../report/text/predictions.ts'
import type { PredictionRecord } from '../report/text/predictions.ts'
import { decode } from '../runtime/predictions.ts'
import type { Predictions } from '../runtime/predictions.ts'
import { environmentOf } from './environment.ts'
import type { EnvironmentOptions } from './environment.ts'

export type PredictOptions = EnvironmentOptions &
  EngineOptions & {
    /** A run folder, a model.json, or a config, whose latest run is used. */
    readonly model: string
    /** Rows as plain objects, or a file, a folder or a pattern; `-` stands for `stdin`. */
    readonly rows: string | readonly Readonly<Record<string, unknown>>[]
    /** Format of the rows; default: that of the name. */
    readonly from?: string | undefined
  }

/** Predictions for some rows, by output. */
export type PredictionBatch = {
  readonly outputs: readonly Predictions[]
  /** The row of the source, from 0, of each row. */
  readonly sourceRow: Uint32Array
  /** Values that training did not see, in all rows of the source. */
  readonly unseen: readonly UnseenValues[]
}

/** Predicts for raw rows, with or without their target columns. */
export async function predict(options: PredictOptions): Promise<PredictionRecord[]> {
  const records: PredictionRecord[] = []
  for await (const { outputs, sourceRow, unseen } of predictBatches(options)) {
    for (const record of predictionRecords(outputs, sourceRow, unseen)) records.push(record)
  }
  return records
}

/** Predicts for raw rows, as many at once as memory has room for. */
export async function* predictBatches(options: PredictOptions): AsyncGenerator<PredictionBatch> {
  const { rows, from } = options
  const named = typeof rows === 'string' ? { path: rows, from } : { path: '-', from: 'jsonl' as const }
  const environment = environmentOf(typeof rows === 'string' ? options : { ...options, stdin: linesOf(rows) })
  const model = await openModel(options.model, environment.cwd)
  const source = await rowsSource(named.path, named, environment.cwd)
  const reading = rowsReading(model, { targets: false }, environment)
  const { rows: set, unseen, notes, close } = await readRows(source, model.preprocessing, reading)
  try {
    for (const note of notes) environment.onNote(note)
    const engine = await openEngineFor(options, model.spec.fit, model.task, environment)
    const session = engine.open(model.task, model.weights)
    try {
      const { batch_size: batchSize } = model.spec.fit
      for await (const { encoded } of windowsOf(set, inOrder, { batchSize })) {
        const outputs = await session.predict(encoded, batchSize)
        const note = await notFiniteNote(engine, model, encoded, outputs)
        if (note !== undefined) environment.onNote(note)
        yield { outputs: predictionsOf(model, outputs), sourceRow: encoded.sourceRow, unseen }
        session.unload(encoded)
      }
    } finally {
      session.dispose()
    }
  } finally {
    close()
  }
}

function predictionsOf(
  { task, preprocessing }: OpenedModel,
  outputs: ReadonlyMap<string, Float32Array>,
): Predictions[] {
  return task.outputs.flatMap((output) => {
    const state = preprocessing.outputs.find(({ name }) => name === output.name)
    const values = outputs.get(output.name)
    return state === undefined || values === undefined ? [] : [decode(state, values)]
  })
}

/** Objects as JSON, one a line. */
async function* linesOf(rows: readonly Readonly<Record<string, unknown>>[]): AsyncGenerator<Uint8Array> {
  for (const row of rows) yield await Promise.resolve(Buffer.from(`${JSON.stringify(row)}\n`))
}
