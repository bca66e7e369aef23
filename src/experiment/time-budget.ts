import { parseDuration } from '../spec/schema/duration.ts'

/** A signal that is aborted when a duration such as `5 min` is over since the start. */
export type TimeBudget = {
  readonly signal: AbortSignal
  readonly start: () => void
  readonly cancel: () => void
}

export function timeBudget(text: string | undefined): TimeBudget {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    if (text === undefined) return
    const end = (): void => controller.abort(`train_time_budget: ${text} have passed`)
    // Longer waits than a timer can have are no limit; timers may end a millisecond early.
    timer = setTimeout(end, Math.min(1000 * parseDuration(text) + 1, 2 ** 31 - 1))
  }
  return { signal: controller.signal, start, cancel: () => clearTimeout(timer) }
}
