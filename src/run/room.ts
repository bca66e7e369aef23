import { setTimeout as sleep } from 'node:timers/promises'

import { WriteError } from './atomic.ts'

const RETRY_MS = 500

export type Waiting = {
  /** When it is aborted, there is one last try. */
  readonly signal: AbortSignal
  /** Told once that something has to wait. */
  readonly tell: (failure: WriteError) => void
}

/** Writes something, again and again where there is no room for it, for as long as that takes. */
export async function whenThereIsRoom<T>(
  action: () => Promise<T> | T,
  { signal, tell }: Waiting,
): Promise<T> {
  for (let told = false; ; told = true) {
    const last = signal.aborted
    try {
      return await action()
    } catch (error) {
      if (last || !(error instanceof WriteError)) throw error
      if (!told) tell(error)
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
}
