import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { RunError } from '../errors.ts'
import { makeFolder, writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import type { HostProcess } from '../run/host-process.ts'
import { isRunning } from '../run/lock.ts'
import type { LockOwner } from '../run/lock.ts'
import { readText } from '../run/read-text.ts'

/** Interval between signs of life. */
const BEAT_MS = 10_000

/** Time without one after which a process of another machine is taken for dead: more than file systems cache. */
const DEAD_MS = 120_000

/** The folder of the signs in that of a sweep. */
const WORKERS = 'workers'

/** True where a process works on a sweep; those of other machines are taken for alive. */
export async function hasWorker(sweep: string, host: HostProcess): Promise<boolean> {
  const signs = await readdir(join(sweep, WORKERS)).catch(() => [])
  const own = `${hostname()}-`
  return signs.some((name) => !name.startsWith(own) || isRunning(Number(name.slice(own.length)), host))
}

/**
 * Signs of life of the processes that work on a sweep: each writes its own file again and again. Only whether a file
 * changes counts, by the clock of who reads it, so that the clocks of machines need not agree.
 */
export class Heartbeat {
  readonly #folder: string
  readonly #files: FileSystem
  readonly #own: string
  readonly #now: () => number
  readonly #interval: number
  /** The last sign of each process, and when it was first seen. */
  readonly #seen = new Map<string, { readonly sign: string | undefined; readonly since: number }>()
  #beats = 0

  constructor(
    sweep: string,
    { files, process }: { readonly files: FileSystem; readonly process: HostProcess },
    now = () => performance.now(),
    interval = BEAT_MS,
  ) {
    this.#folder = join(sweep, WORKERS)
    this.#files = files
    this.#own = this.#pathOf({ host: hostname(), pid: process.pid })
    this.#now = now
    this.#interval = interval
  }

  /** Writes signs of life while an action runs. Its signal is aborted where another has taken this process for dead. */
  async during<T>(action: (isDead: AbortSignal) => Promise<T>): Promise<T> {
    const dead = new AbortController()
    await makeFolder(this.#folder, this.#files)
    await this.#beat()
    const timer = setInterval(() => {
      // A sign that cannot be written now may be the next time.
      this.#beatAgain(dead).catch(() => undefined)
    }, this.#interval)
    try {
      const result = await action(dead.signal)
      if (dead.signal.aborted) throw takenForDead(this.#folder)
      return result
    } finally {
      clearInterval(timer)
      await this.#files.remove(this.#own)
    }
  }

  /** True unless a process of another machine has given no sign of life for long; that one learns of it. */
  async isAlive(owner: LockOwner): Promise<boolean> {
    const path = this.#pathOf(owner)
    const sign = await readText(path)
    const last = this.#seen.get(path)
    if (last === undefined || last.sign !== sign) {
      this.#seen.set(path, { sign, since: this.#now() })
      return true
    }
    if (this.#now() - last.since < DEAD_MS) return true
    await this.#files.remove(path)
    return false
  }

  async #beatAgain(dead: AbortController): Promise<void> {
    if ((await readText(this.#own)) === undefined) dead.abort('interrupted')
    else await this.#beat()
  }

  async #beat(): Promise<void> {
    this.#beats += 1
    await writeFileAtomic(this.#own, `${this.#beats}\n`, this.#files)
  }

  #pathOf({ host, pid }: Pick<LockOwner, 'host' | 'pid'>): string {
    return join(this.#folder, `${host}-${pid}`)
  }
}

function takenForDead(folder: string): RunError {
  return new RunError(`${folder} had no sign of life from this process: others have taken over its trials`, {
    hint: 'start the worker again; if it happens often, the file system is too slow to share',
  })
}
