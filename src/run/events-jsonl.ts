import type { Listener, TrainingPlan } from '../components/callbacks/listener.ts'
import { epochLog } from './epoch-log.ts'
import type { Ranked } from './epoch-log.ts'
import type { LogFile } from './log-file.ts'

/** Logs events as JSON objects, one a line; epochs count from 1. */
export function createEventsJsonl(file: LogFile, ranked: Ranked): Listener {
  const line = (event: Readonly<Record<string, unknown>>, time = Date.now()): string =>
    `${JSON.stringify({ time: new Date(time).toISOString(), ...event })}\n`
  const log = epochLog(
    'events.jsonl',
    file,
    {
      begin: ({ epochs, stepsPerEpoch }) => line({ event: 'begin', epochs, steps_per_epoch: stepsPerEpoch }),
      epoch: ({ epoch, time, metricValues }) => line({ event: 'epoch', epoch, ...metricValues }, time),
      end: () => line({ event: 'end' }),
    },
    ranked,
  )
  /** Lines of findings that came before the file was open. */
  let early: string[] | undefined = []
  return {
    ...log,
    onTrainBegin(plan: TrainingPlan) {
      log.onTrainBegin(plan)
      for (const text of early ?? []) file.write(text)
      early = undefined
    },
    onFinding(finding) {
      const text = line({ event: 'finding', ...finding })
      if (early) early.push(text)
      else file.write(text)
    },
  }
}
