import { setTimeout as sleep } from 'node:timers/promises'

import { WriteError } from './atomic.ts'

const RETRY_MS = 500
/** So long is a full disk given to be cleared. */
const PATIENCE_MS = 600_000

export type Waiting = {
  /** Gives up, with the failure, when it is aborted. */
  readonly signal: AbortSignal
  /** Told once that something has to wait. */
  readonly tell: (failure: WriteError) => void
}

/** Writes something, again and again where there is no room for it. */
export async function whenThereIsRoom<T>(
  action: () => Promise<T> | T,
  { signal, tell }: Waiting,
): Promise<T> {
  const started = performance.now()
  for (let attempts = 0; ; attempts++) {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof WriteError)) throw error
      if (signal.aborted || performance.now() - started > PATIENCE_MS) throw error
      if (attempts === 0) tell(error)
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
}
