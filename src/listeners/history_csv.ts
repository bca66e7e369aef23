import { LogFile } from '../run/log-file.ts'
import type { Figures } from '../train/figures.ts'
import type { Listener } from '../train/loop.ts'

/** Logs each epoch as a line of a csv file, under a header. Keras symbol: keras.callbacks.CSVLogger. */
export function createHistoryCsv(path: string): Listener {
  const file = new LogFile(path)
  return {
    onEpochEnd(epoch: number, figures: Figures) {
      if (epoch === 0) file.write(`epoch,${Object.keys(figures).join(',')}\n`)
      file.write(`${epoch + 1},${Object.values(figures).join(',')}\n`)
    },
    close: () => file.close(),
  }
}
