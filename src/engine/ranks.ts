/** The bytes of a message, in the memory of a process. */
export type MessageBytes = Uint8Array<ArrayBufferLike>

/** Processes that train one model together; rank 0 has the run. */
export abstract class Ranks {
  abstract readonly rank: number
  abstract readonly size: number
  /** Ranks on this machine. */
  abstract readonly local: number
  readonly #agreed = new AbortController()
  #wanted: AbortSignal | undefined

  abstract send(bytes: MessageBytes, to: number): Promise<void>
  abstract receive(bytes: MessageBytes, from: number): Promise<void>
  /** Ends all ranks at once. */
  abstract abort(code: number): void
  /** Waits for all others to call it too. */
  abstract end(): void

  /** The rank that computes a part of a batch. */
  ownerOf(part: number, parts: number): number {
    return Math.floor((part * this.size) / parts)
  }

  /** Gives all ranks the bytes of rank 0, along a binomial tree. */
  async broadcast(bytes: MessageBytes): Promise<void> {
    const { rank, size } = this
    for (let distance = 2 ** (Math.ceil(Math.log2(size)) - 1); distance >= 1; distance /= 2) {
      if (rank % (2 * distance) === 0) {
        if (rank + distance < size) await this.send(bytes, rank + distance)
      } else if (rank % distance === 0) await this.receive(bytes, rank - distance)
    }
  }

  /** Gives all ranks the text of rank 0. */
  async share(text = ''): Promise<string> {
    const own = new TextEncoder().encode(text)
    const length = Int32Array.of(own.length)
    await this.broadcast(new Uint8Array(length.buffer))
    const bytes = this.rank === 0 ? own : new Uint8Array(length[0] ?? 0)
    await this.broadcast(bytes)
    return new TextDecoder().decode(bytes)
  }

  /** A signal that all ranks see after the same step, once rank 0 has seen its own. */
  inStep(signal: AbortSignal): AbortSignal {
    this.#wanted = signal
    return this.#agreed.signal
  }

  /** True where this rank wants all to stop. */
  get wantsStop(): boolean {
    return this.#wanted?.aborted === true
  }

  /** True once all of them have stopped. */
  get stopped(): boolean {
    return this.#agreed.signal.aborted
  }

  /** Stops after a step that a rank wanted to be the last. */
  stop(): void {
    this.#agreed.abort(this.wantsStop ? this.#wanted?.reason : 'interrupted')
  }
}
