import type { Listener } from '../components/callbacks/listener.ts'
import { epochLog } from './epoch-log.ts'
import type { LoggedEpoch, Ranked } from './epoch-log.ts'
import type { LogFile } from './log-file.ts'

/** Logs epochs as lines of a csv file, under a header. Keras symbol: keras.callbacks.CSVLogger. */
export function createHistoryCsv(file: LogFile, ranked: Ranked): Listener {
  const lines = {
    header: (metricValues: object) => `epoch,${Object.keys(metricValues).join(',')}\n`,
    epoch: ({ epoch, metricValues }: LoggedEpoch) => `${epoch},${Object.values(metricValues).join(',')}\n`,
  }
  return epochLog('history.csv', file, lines, ranked)
}
