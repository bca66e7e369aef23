import { DataError } from '../../errors.ts'

const PAGE = 65536
const MOST_BYTES = 2 ** 32 - PAGE
/** Blocks start on cache lines and may be read past their end. */
const ALIGNMENT = 64

type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

/** The one memory of a model: a stack of blocks. */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_BYTES / PAGE + 1, shared: true })
  #top: number
  /** Kept because each access to `memory.buffer` makes a new object. */
  #buffer = this.memory.buffer

  /** The bytes before `start` belong to the modules. */
  constructor(start: number) {
    this.#top = aligned(start)
  }

  /** The address of the next block. */
  get top(): number {
    return this.#top
  }

  /** The address of a new block; `what` names it for the user where there is no room. */
  allocate(bytes: number, what: string): number {
    const start = this.#top
    const top = aligned(start + bytes + ALIGNMENT)
    this.#reach(top, what)
    this.#top = top
    return start
  }

  /** Gives back every block from an address on. */
  release(top: number): void {
    this.#top = top
  }

  write(address: number, numbers: NumberArray): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    new Uint8Array(this.#buffer, address, bytes.length).set(bytes)
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#buffer, address, length)
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#buffer, address, length)
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.#buffer, address, length)
  }

  /** Grows the memory to a size at least. */
  #reach(end: number, what: string): void {
    if (end > MOST_BYTES) throw tooLarge(end, what)
    const missing = end - this.#buffer.byteLength
    if (missing <= 0) return
    try {
      this.memory.grow(Math.ceil(missing / PAGE))
      this.#buffer = this.memory.buffer
    } catch (cause) {
      throw tooLarge(end, what, cause)
    }
  }
}

function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT
}

function tooLarge(bytes: number, what: string, cause?: unknown): DataError {
  const gigabytes = (size: number): string => (size / 1e9).toFixed(2)
  return new DataError(
    `${what} does not fit: with all that is in memory it takes ${gigabytes(bytes)} GB, and the compiled engine has ${gigabytes(MOST_BYTES)} GB`,
    { hint: 'use fewer rows, a smaller network or fit.batch_size, or --engine tfjs', cause },
  )
}
