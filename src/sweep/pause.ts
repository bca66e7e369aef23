import type { Listener } from '../components/callbacks/listener.ts'

/** The reason for which a training ended that was paused at a rung. */
const PAUSED = 'paused'

export type PauseOptions = {
  /** Epochs after which training pauses. */
  readonly epochs: number | undefined
  /** The metric that decides, and its values as losses, of which lower is better. */
  readonly metric: string
  readonly lossOf: (value: number) => number
  /** The least loss so far with which training ends after an epoch; undefined where it does not. */
  readonly limit: (epoch: number) => number | undefined
}

/** Pauses a training at a rung, or ends it where it is not promising; both also where it is resumed at that epoch. */
export function pause({ epochs, metric, lossOf, limit }: PauseOptions): Listener {
  let hopeless = 0
  /** Epochs that have ended: a checkpoint may be of the last step of an epoch, before its end. */
  let ended = 0
  let best: number | undefined
  const reason = (epoch: number): string => `early_terminate: ${metric} is not promising after epoch ${epoch}`
  return {
    name: 'sweep',
    state: {
      save: () => ({ values: { hopeless, ended, best: best ?? null } }),
      restore({ values }) {
        hopeless = values['hopeless'] ?? 0
        ended = values['ended'] ?? 0
        best = values['best'] ?? undefined
      },
    },
    onTrainBegin(_plan, control) {
      if (hopeless > 0) control.stop(reason(hopeless))
      else if (epochs !== undefined && ended >= epochs) control.stop(PAUSED)
    },
    onEpochEnd(epoch, metricValues, control) {
      ended = epoch + 1
      const loss = lossOf(metricValues[metric] ?? NaN)
      if (!Number.isNaN(loss)) best = Math.min(best ?? Infinity, loss)
      if ((best ?? Infinity) > (limit(ended) ?? Infinity)) {
        hopeless = ended
        control.stop(reason(ended))
      } else if (epochs !== undefined && ended >= epochs) control.stop(PAUSED)
    },
  }
}
