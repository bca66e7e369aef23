/** Bytes in the memory of a process. */
export type MessageBytes = Uint8Array<ArrayBufferLike>

/** Bytes to send to a rank, or room for those that it sends. */
export type RankMessage = { readonly rank: number; readonly bytes: MessageBytes }

/** Processes that train one model together; rank 0 has the run. */
export abstract class Ranks {
  abstract readonly rank: number
  abstract readonly size: number
  /** Ranks on this machine. */
  abstract readonly local: number
  readonly #agreed = new AbortController()
  #wanted: AbortSignal | undefined

  /** Sends and receives at once; what one rank sends another arrives in the order of both lists. */
  abstract exchange(sent: readonly RankMessage[], received: readonly RankMessage[]): Promise<void>
  /** Ends all ranks at once. */
  abstract abort(code: number): void
  /** Waits for all others to call it too. */
  abstract end(): void

  /** The rank that computes a part of a batch. */
  ownerOf(part: number, parts: number): number {
    return Math.floor((part * this.size) / parts)
  }

  /** All ranks but this one, beginning with the next: so not all of them send to the same one first. */
  get others(): number[] {
    return Array.from({ length: this.size - 1 }, (_, i) => (this.rank + 1 + i) % this.size)
  }

  /** Gives all ranks the bytes of rank 0, along a binomial tree. */
  async broadcast(bytes: MessageBytes): Promise<void> {
    const { rank, size } = this
    for (let distance = 2 ** (Math.ceil(Math.log2(size)) - 1); distance >= 1; distance /= 2) {
      if (rank % (2 * distance) === 0) {
        if (rank + distance < size) await this.exchange([{ rank: rank + distance, bytes }], [])
      } else if (rank % distance === 0) await this.exchange([], [{ rank: rank - distance, bytes }])
    }
  }

  /** Gives all ranks the bytes of each, which every rank has room for: those of rank i are at place i. */
  async gather(bytes: readonly (readonly MessageBytes[])[]): Promise<void> {
    const messages = (rank: number, from: number): RankMessage[] =>
      (bytes[from] ?? []).map((piece) => ({ rank, bytes: piece }))
    const { others, rank: own } = this
    await this.exchange(
      others.flatMap((rank) => messages(rank, own)),
      others.flatMap((rank) => messages(rank, rank)),
    )
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

  /** A signal that all ranks see at the same time, once they agree on steps after rank 0 has seen its own. */
  together(signal: AbortSignal): AbortSignal {
    this.#wanted = signal
    return this.#agreed.signal
  }

  /** The fewest of the steps that the ranks would do next; none where rank 0 wants to stop. */
  async agreeOn(steps: number): Promise<number> {
    const all = new Int32Array(this.size)
    all[this.rank] = this.wantsStop ? 0 : steps
    await this.gather(Array.from(all, (_, i) => [new Uint8Array(all.buffer, 4 * i, 4)]))
    const fewest = all.reduce((least, one) => Math.min(least, one))
    if (fewest === 0) this.#agreed.abort(this.wantsStop ? this.#wanted?.reason : 'interrupted')
    return fewest
  }

  /** True where this rank wants all to stop. */
  protected get wantsStop(): boolean {
    return this.#wanted?.aborted === true
  }
}
