import { LogFile } from '../run/log-file.ts'
import type { Figures } from '../train/figures.ts'
import type { Listener, Plan } from '../train/loop.ts'

/** Logs what happens as a file of one JSON object a line; epochs count from 1. */
export function createEventsJsonl(path: string): Listener {
  const file = new LogFile(path)
  const log = (event: Readonly<Record<string, unknown>>): void =>
    file.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
  return {
    onTrainBegin: ({ epochs, stepsPerEpoch }: Plan) =>
      log({ event: 'begin', epochs, steps_per_epoch: stepsPerEpoch }),
    onEpochEnd: (epoch: number, figures: Figures) => log({ event: 'epoch', epoch: epoch + 1, ...figures }),
    onTrainEnd: () => log({ event: 'end' }),
    close: () => file.close(),
  }
}
