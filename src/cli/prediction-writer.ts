import type { ReadFiles } from '../experiment/read-files.ts'
import type { PredictionBatch } from '../experiment/prediction-batch.ts'
import type { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { formatOf, writeOutput } from './output-file.ts'

const OPTION = 'predictions'

/** Returns what writes predictions, unrounded, to a .csv or .jsonl file. */
export function predictionWriter(
  file: string,
  io: Io,
): (batches: AsyncIterable<PredictionBatch>, inputs: ReadFiles) => Promise<ExitCode> {
  const format = formatOf(['csv', 'jsonl'], undefined, file, OPTION)
  return async (batches, inputs) => {
    const { predictionText } = await import('../report/text/predictions.ts')
    const style = { format, digits: 'full', escapeFormulas: false, cwd: io.cwd } as const
    return writeOutput(predictionText(batches, style), file, io, inputs, OPTION)
  }
}
