import type { PredictionBatch } from '../experiment/prediction-batch.ts'
import type { Io } from './io.ts'
import { formatOf, writeOutput } from './output-file.ts'

const OPTION = '--predictions'

/** Returns what writes predictions, unrounded, to a .csv or .jsonl file; `input` is the file that they are made from. */
export function predictionWriter(
  file: string,
  io: Io,
  input: string | undefined,
): (batches: AsyncIterable<PredictionBatch>) => Promise<void> {
  const format = formatOf(['csv', 'jsonl'], undefined, file, OPTION)
  return async (batches) => {
    const { predictionText } = await import('../report/text/predictions.ts')
    const style = { format, digits: 'full', escapeFormulas: false, cwd: io.cwd } as const
    await writeOutput(predictionText(batches, style), file, io, input, OPTION)
  }
}
