import type { LogFile } from './log-file.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { Listener } from '../components/callbacks/listener.ts'
import { rememberedLog } from './remembered-log.ts'

/** Logs each epoch as a line of a csv file, under a header. Keras symbol: keras.callbacks.CSVLogger. */
export function createHistoryCsv(file: LogFile): Listener {
  const log = rememberedLog(file)
  return {
    name: 'history.csv',
    state: log.state,
    onTrainBegin: () => log.open(),
    onEpochEnd(epoch: number, metricValues: MetricValues) {
      if (epoch === 0) file.write(`epoch,${Object.keys(metricValues).join(',')}\n`)
      file.write(`${epoch + 1},${Object.values(metricValues).join(',')}\n`)
    },
  }
}
