import { closeSync, openSync, writeSync } from 'node:fs'

import { attemptSync } from './atomic.ts'

/** Lines reach the file this often, and when it is closed. */
const FLUSH_MS = 200

/** A text file that grows by lines. */
export class LogFile {
  readonly #path: string
  readonly #file: number
  #pending = ''
  #flushed = performance.now()

  /** Starts the file anew. */
  constructor(path: string) {
    this.#path = path
    this.#file = attemptSync(path, () => openSync(path, 'w'))
  }

  write(text: string): void {
    this.#pending += text
    if (performance.now() - this.#flushed >= FLUSH_MS) this.flush()
  }

  flush(): void {
    attemptSync(this.#path, () => writeSync(this.#file, this.#pending))
    this.#pending = ''
    this.#flushed = performance.now()
  }

  close(): void {
    this.flush()
    closeSync(this.#file)
  }
}
