import { DataError } from '../../errors.ts'

const PAGE = 65536
const MOST_BYTES = 2 ** 32 - PAGE
/** Blocks start on cache lines and may be read past their end. */
const ALIGNMENT = 64

type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

/** The one memory of a model: blocks are laid out one after another and never given back. */
export class Arena {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_BYTES / PAGE + 1, shared: true })
  #top: number

  /** The bytes before `start` belong to the modules. */
  constructor(start: number) {
    this.#top = start
  }

  /** Where the next block will start. */
  get top(): number {
    return Math.ceil(this.#top / ALIGNMENT) * ALIGNMENT
  }

  /** The address of a new block; `what` names it for the user where there is no room. */
  allocate(bytes: number, what: string): number {
    const start = this.top
    this.reach(start + bytes + ALIGNMENT, what)
    this.#top = start + bytes + ALIGNMENT
    return start
  }

  /** Makes the memory at least so large. */
  reach(end: number, what: string): void {
    if (end > MOST_BYTES) throw tooLarge(end, what)
    const missing = end - this.memory.buffer.byteLength
    if (missing <= 0) return
    try {
      this.memory.grow(Math.ceil(missing / PAGE))
    } catch (cause) {
      throw tooLarge(end, what, cause)
    }
  }

  write(address: number, numbers: Numbers): void {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
    new Uint8Array(this.memory.buffer, address, bytes.length).set(bytes)
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length)
  }

  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }
}

function tooLarge(bytes: number, what: string, cause?: unknown): DataError {
  const gigabytes = (size: number): string => (size / 1e9).toFixed(2)
  return new DataError(
    `${what} does not fit: it takes ${gigabytes(bytes)} GB with what is there, and the compiled engine has ${gigabytes(MOST_BYTES)} GB`,
    { hint: 'use a smaller fit.batch_size or fewer rows, or --engine tfjs', cause },
  )
}
