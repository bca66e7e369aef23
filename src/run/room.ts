import { setTimeout as sleep } from 'node:timers/promises'

import { WriteError } from './atomic.ts'

const RETRY_MS = 500

export type RoomWaiting = {
  /** Ends the waiting after one last try. */
  readonly signal: AbortSignal
  /** Called once where something has to wait. */
  readonly tell: (failure: WriteError) => void
}

/** Writes something, again and again for as long as the disk has no room for it. */
export async function whenThereIsRoom<T>(
  action: () => Promise<T> | T,
  { signal, tell }: RoomWaiting,
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
