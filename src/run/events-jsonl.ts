import type { LogFile } from './log-file.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { Listener } from '../components/callbacks/listener.ts'
import { rememberedLog } from './remembered-log.ts'

/** Logs events as JSON objects, one a line; epochs count from 1. */
export function createEventsJsonl(file: LogFile): Listener {
  const log = rememberedLog(file)
  const write = (event: Readonly<Record<string, unknown>>): void =>
    file.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
  return {
    name: 'events.jsonl',
    state: log.state,
    onTrainBegin({ epochs, stepsPerEpoch }) {
      log.open()
      if (file.bytes === 0) write({ event: 'begin', epochs, steps_per_epoch: stepsPerEpoch })
    },
    onEpochEnd: (epoch: number, metricValues: MetricValues) =>
      write({ event: 'epoch', epoch: epoch + 1, ...metricValues }),
    onTrainEnd: () => write({ event: 'end' }),
  }
}
