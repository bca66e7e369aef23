import { isBetter } from '../components/callbacks/improvement.ts'
import type { Directions } from '../components/callbacks/improvement.ts'
import { loggedValues } from '../components/callbacks/listener.ts'
import type { Listener, ListenerState, TrainingPlan } from '../components/callbacks/listener.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { CheckpointSpec } from '../spec/schema/fit.ts'
import type { LogFile } from './log-file.ts'

/** An epoch as a log has it: counted from 1, with its end in milliseconds since 1970. */
export type LoggedEpoch = {
  readonly epoch: number
  readonly time: number
  readonly metricValues: MetricValues
}

/** Lines of a log. */
type Lines = {
  readonly begin?: (plan: TrainingPlan) => string
  /** Comes before the first epoch. */
  readonly header?: (metricValues: MetricValues) => string
  readonly epoch: (logged: LoggedEpoch) => string
  readonly end?: () => string
}

/** Epochs that are all logged; of ten times as many every tenth, of a hundred times as many every hundredth, and so on. */
const ALL = 10_000

/** True for an epoch that is logged whatever its metric values. */
export function isAlwaysLogged(epoch: number): boolean {
  let step = 1
  while (epoch > ALL * step) step *= 10
  return epoch % step === 0
}

/** Settings of a training by which the logs of its epochs know a new best one. */
export type Ranked = { readonly checkpoint: CheckpointSpec; readonly directions: Directions }

/** The metric by which the epochs of a run are ranked: that of its checkpoints, else val_loss, else loss. */
export function rankingMetric(names: readonly string[], monitor: string | undefined): string | undefined {
  return [monitor, 'val_loss', 'loss'].find((name) => name !== undefined && names.includes(name))
}

/**
 * Logs the epochs of a training. Of those that are not always logged, the best one since the line before is where it is
 * the best of all, and so is the last of the training. Lines after a checkpoint are cut off when training resumes from
 * it, and written again.
 */
export function epochLog(name: string, file: LogFile, lines: Lines, { checkpoint, directions }: Ranked) {
  let bytes = 0
  let hasHeader = false
  let best: number | undefined
  /** Epochs that are not logged yet: the best of all, and the last. */
  let bestEpoch: LoggedEpoch | undefined
  let last: LoggedEpoch | undefined
  const isNewBest = (metricValues: MetricValues): boolean => {
    const monitor = rankingMetric(Object.keys(metricValues), checkpoint.monitor) ?? 'loss'
    const mode = monitor === checkpoint.monitor ? checkpoint.mode : 'auto'
    const now = metricValues[monitor] ?? NaN
    if (!isBetter({ monitor, mode }, directions)(now, best)) return false
    best = now
    return true
  }
  const write = (logged: LoggedEpoch): void => {
    if (!hasHeader && lines.header) file.write(lines.header(logged.metricValues))
    hasHeader = true
    file.write(lines.epoch(logged))
  }
  const writeWaiting = (): void => {
    for (const logged of new Set([bestEpoch, last])) if (logged) write(logged)
    bestEpoch = last = undefined
  }
  return {
    name,
    state: {
      save: () => ({
        values: {
          bytes: file.bytes,
          best: best ?? null,
          ...valuesOf('best:', bestEpoch),
          ...valuesOf('last:', last),
        },
      }),
      restore({ values }) {
        bytes = values['bytes'] ?? 0
        best = values['best'] ?? undefined
        bestEpoch = epochOf('best:', values)
        last = epochOf('last:', values)
      },
    },
    onTrainBegin(plan) {
      file.open(bytes)
      hasHeader = bytes > 0
      if (bytes === 0 && lines.begin) file.write(lines.begin(plan))
    },
    onEpochEnd(epoch, metricValues, control) {
      last = { epoch: epoch + 1, time: Date.now(), metricValues: loggedValues(metricValues, control) }
      if (isNewBest(metricValues)) bestEpoch = last
      if (isAlwaysLogged(epoch + 1)) writeWaiting()
    },
    onTrainEnd() {
      writeWaiting()
      if (lines.end) file.write(lines.end())
    },
  } satisfies Listener
}

/** An epoch as values of a listener's state. */
function valuesOf(prefix: string, logged: LoggedEpoch | undefined): ListenerState['values'] {
  if (logged === undefined) return {}
  const { epoch, time, metricValues } = logged
  const metrics = Object.entries(metricValues).map(([key, value]) => [`${prefix}=${key}`, value] as const)
  return Object.fromEntries([[`${prefix}epoch`, epoch], [`${prefix}time`, time], ...metrics])
}

function epochOf(prefix: string, values: ListenerState['values']): LoggedEpoch | undefined {
  const [epoch, time] = [values[`${prefix}epoch`], values[`${prefix}time`]]
  if (typeof epoch !== 'number' || typeof time !== 'number') return undefined
  const start = `${prefix}=`
  const found = Object.entries(values).filter(([key]) => key.startsWith(start))
  return {
    epoch,
    time,
    metricValues: Object.fromEntries(found.map(([key, value]) => [key.slice(start.length), value ?? NaN])),
  }
}
