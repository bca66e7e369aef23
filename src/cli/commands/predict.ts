import { readRows } from '../../data/rows.ts'
import type { RowsFormat } from '../../data/rows-format.ts'
import { ExitCode } from '../../errors.ts'
import { predictionRecords, predictionsCsv } from '../../report/predictions.ts'
import { decode } from '../../train/predictions.ts'
import { openEngineFor } from '../engine.ts'
import type { EngineFlags } from '../engine.ts'
import type { Io } from '../io.ts'
import { openModel, rowsSource } from '../model.ts'

export type PredictOptions = EngineFlags & {
  readonly model: string
  /** A file, a folder or a pattern, or - for standard input. */
  readonly rows: string
  readonly from: RowsFormat | undefined
  readonly format: 'csv' | 'jsonl' | 'json'
  readonly quiet: boolean
}

/** Predicts for raw rows, with or without their target columns. */
export async function predict(
  { model: path, rows, from, format, quiet, ...flags }: PredictOptions,
  io: Io,
): Promise<number> {
  const model = await openModel(path, io)
  const reading = { directory: io.cwd, stdin: io.stdin, targets: false }
  const source = await rowsSource(rows, { from }, io)
  const { dataset, notes } = await readRows(source, model.preprocessing, reading)
  for (const note of notes) if (!quiet) io.stderr.write(`note: ${note}\n`)
  const engine = await openEngineFor({ ...flags, quiet }, model.spec.fit, model.task, io)
  const session = engine.open(model.task, model.weights)
  const outputs = await session.predict(dataset, model.spec.fit.batch_size)
  session.dispose()
  const predictions = model.task.outputs.flatMap((task) => {
    const state = model.preprocessing.outputs.find(({ name }) => name === task.name)
    const values = outputs.get(task.name)
    return state === undefined || values === undefined ? [] : [decode(task, state, values)]
  })
  if (format === 'csv') io.stdout.write(predictionsCsv(predictions, dataset.sourceRow))
  else {
    const records = predictionRecords(predictions, dataset.sourceRow)
    io.stdout.write(
      format === 'json'
        ? `${JSON.stringify(records)}\n`
        : records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    )
  }
  return ExitCode.done
}
