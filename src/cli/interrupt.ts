import { ExitCode } from './exit-code.ts'
import type { Io, Signal } from './io.ts'

/** Turns SIGINT and SIGTERM into an AbortSignal, from the call of `watch` to that of `end`. */
export class Interrupt {
  readonly #onSignal: Io['onSignal']
  readonly #abort = new AbortController()
  #unwatch: (() => void) | undefined
  #received: Signal | undefined

  constructor({ onSignal }: Io) {
    this.#onSignal = onSignal
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  watch(): void {
    this.#unwatch ??= this.#onSignal((received) => {
      this.#received = received
      this.#abort.abort('interrupted')
    })
  }

  end(): void {
    this.#unwatch?.()
  }

  get exitCode(): ExitCode {
    return this.#received === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted
  }
}
