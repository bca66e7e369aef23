/** Reads any number of bytes from a stream of pieces. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  /** Bytes that have arrived but are not taken yet. */
  #rest: Uint8Array = new Uint8Array()
  #taken = 0

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** The number of bytes taken so far. */
  get taken(): number {
    return this.#taken
  }

  /** Takes the next bytes; fewer only at the end. */
  async take(count: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) await this.#arrive()
    const bytes = this.#rest.length >= count ? this.#cut(count) : await this.#gather(count)
    this.#taken += bytes.length
    return bytes
  }

  /** Looks for bytes that are left. */
  async hasMore(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#arrive())) return false
    return true
  }

  /** Closes the stream. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #gather(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count)
    let length = 0
    while (length < count && (await this.hasMore())) {
      const piece = this.#cut(count - length)
      bytes.set(piece, length)
      length += piece.length
    }
    return bytes.subarray(0, length)
  }

  #cut(most: number): Uint8Array {
    const piece = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(most)
    return piece
  }

  async #arrive(): Promise<boolean> {
    const next = await this.#pieces.next()
    if (next.done !== true) this.#rest = next.value
    return next.done !== true
  }
}
