/** Memory that is laid out while code is written: what is given back is used again. */
export class StaticMemory {
  /** Holes by address, in order. */
  readonly #free: { start: number; length: number }[] = []
  #size = 0

  /** Elements that it takes in all. */
  get size(): number {
    return this.#size
  }

  /** The address of room for some elements: the first hole that is large enough, else the end. */
  take(length: number): number {
    const hole = this.#free.find((one) => one.length >= length)
    if (hole !== undefined) {
      const { start } = hole
      hole.start += length
      hole.length -= length
      return start
    }
    const start = this.#size
    this.#size += length
    return start
  }

  give(start: number, length: number): void {
    const holes = this.#free
    const at = holes.findIndex((hole) => hole.start > start)
    holes.splice(at < 0 ? holes.length : at, 0, { start, length })
    for (let i = holes.length - 1; i > 0; i--) {
      const [before, hole] = [holes[i - 1], holes[i]]
      if (!before || !hole || before.start + before.length !== hole.start) continue
      before.length += hole.length
      holes.splice(i, 1)
    }
  }
}
