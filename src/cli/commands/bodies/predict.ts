import { inOrder } from '../../../data/rows/in-order.ts'
import { windowsOf } from '../../../data/rows/row-set.ts'
import { readRows } from '../../../data/prepare/new-rows.ts'
import type { RowsFormat } from '../../../data/prepare/rows-format.ts'
import { ExitCode } from '../../../errors.ts'
import { predictionLines, predictionRecords, predictionsHeader } from '../../../report/text/predictions.ts'
import { decode } from '../../../runtime/predictions.ts'
import type { Predictions } from '../../../runtime/predictions.ts'
import { openEngineFor } from '../../../experiment/engine.ts'
import type { EngineFlags } from '../../../experiment/engine.ts'
import type { Io, TextStream } from '../../io.ts'
import { openModel, rowsReading, rowsSource } from '../../../experiment/model.ts'
import type { OpenedModel } from '../../../experiment/model.ts'

/** Letters. */
const PIECE = 2 ** 16

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
  const reading = rowsReading(model, { targets: false }, io)
  const source = await rowsSource(rows, { from }, io)
  const { rows: set, notes, close } = await readRows(source, model.preprocessing, reading)
  for (const note of notes) if (!quiet) io.stderr.write(`note: ${note}\n`)
  const engine = await openEngineFor({ ...flags, quiet }, model.spec.fit, model.task, io)
  const session = engine.open(model.task, model.weights)
  const { batch_size: batchSize } = model.spec.fit
  const writer = writerOf(format, io.stdout)
  for await (const { encoded } of windowsOf(set, inOrder, { batchSize })) {
    const outputs = await session.predict(encoded, batchSize)
    writer.write(predictionsOf(model, outputs), encoded.sourceRow)
    session.unload(encoded)
  }
  writer.end()
  session.dispose()
  close()
  return ExitCode.done
}

function predictionsOf(
  { task, preprocessing }: OpenedModel,
  outputs: ReadonlyMap<string, Float32Array>,
): Predictions[] {
  return task.outputs.flatMap((output) => {
    const state = preprocessing.outputs.find(({ name }) => name === output.name)
    const values = outputs.get(output.name)
    return state === undefined || values === undefined ? [] : [decode(output, state, values)]
  })
}

type Writer = {
  write(predictions: readonly Predictions[], sourceRow: Uint32Array): void
  end(): void
}

function writerOf(format: PredictOptions['format'], stdout: TextStream): Writer {
  let isFirst = true
  const written = function* (predictions: readonly Predictions[], sourceRow: Uint32Array): Generator<string> {
    if (format === 'csv') {
      if (isFirst) yield predictionsHeader(predictions)
      yield* predictionLines(predictions, sourceRow)
      return
    }
    for (const record of predictionRecords(predictions, sourceRow)) {
      const text = JSON.stringify(record)
      yield format === 'jsonl' ? `${text}\n` : isFirst ? `[${text}` : `,${text}`
      isFirst = false
    }
  }
  return {
    write(predictions, sourceRow) {
      for (const piece of joined(written(predictions, sourceRow))) stdout.write(piece)
      isFirst = false
    },
    end() {
      if (format === 'json') stdout.write(isFirst ? '[]\n' : ']\n')
    },
  }
}

/** Lines in pieces that are worth a call of the system. */
function* joined(lines: Iterable<string>): Generator<string> {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
