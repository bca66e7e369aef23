import { setTimeout as sleep } from 'node:timers/promises'

/** Time until the results of others are looked for again. */
const FOLLOW_MS = 2000

/** Looks for results that others write until all are there, which `look` tells, or the signal ends it, or nobody works any more. */
export async function follow(
  look: () => Promise<boolean>,
  isWorked: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  for (let isLast = false; !signal.aborted;) {
    if ((await look()) || isLast) return
    isLast = !(await isWorked())
    if (!isLast) await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined)
  }
}
