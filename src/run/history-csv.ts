import type { Listener } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import { epochLog } from './epoch-log.ts'
import type { LoggedEpoch, Ranked } from './epoch-log.ts'
import type { LogFile } from './log-file.ts'

/**
 * Logs epochs as lines of a csv file, under a header; a file that is continued has the columns of the header in it. Keras
 * symbol: keras.callbacks.CSVLogger.
 */
export function createHistoryCsv(file: LogFile, ranked: Ranked, continued?: readonly string[]): Listener {
  let columns = continued
  const lines = {
    header(metricValues: MetricValues) {
      columns = Object.keys(metricValues)
      return `epoch,${columns.join(',')}\n`
    },
    epoch: ({ epoch, metricValues }: LoggedEpoch) =>
      `${epoch},${(columns ?? Object.keys(metricValues)).map((name) => metricValues[name] ?? '').join(',')}\n`,
  }
  return epochLog('history.csv', file, lines, ranked)
}
