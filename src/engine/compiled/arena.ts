import { amount } from '../../byte-size.ts'
import { DataError } from '../../errors.ts'
import { addressLimit, MODEL_SHARE } from '../address-limit.ts'

export const PAGE = 65536
/** The most bytes that one memory has; they are reserved at once. */
export function mostBytes(): number {
  return Math.min(2 ** 32 - PAGE, PAGE * Math.floor((MODEL_SHARE * addressLimit()) / PAGE))
}

/** Bytes of a large page. A memory that has room for one grows by whole ones. */
const LARGE_PAGE = 2 ** 21

/** Blocks start on cache lines and may be read past their end. */
export const ALIGNMENT = 64

/** Has the system give a memory large pages, now and as it grows up to a number of bytes. */
type LargePages = (memory: WebAssembly.Memory, bytes: number) => void

type NumberArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array

/** The one memory of a model: a stack of blocks. */
export class Arena {
  readonly memory: WebAssembly.Memory
  readonly #most = mostBytes()
  #top: number
  readonly #useLargePages: LargePages
  /** Kept because each access to `memory.buffer` makes a new object. */
  #buffer: ArrayBufferLike

  /** The bytes before `start` belong to the modules. */
  constructor(start: number, useLargePages: LargePages = () => undefined) {
    this.#top = aligned(start)
    this.#useLargePages = useLargePages
    this.memory = sharedMemory(this.#most)
    this.#buffer = this.memory.buffer
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

  bytes(address: number, length: number): Uint8Array<ArrayBufferLike> {
    return new Uint8Array(this.#buffer, address, length)
  }

  /** Grows the memory to a size at least. */
  #reach(end: number, what: string): void {
    if (end > this.#most)
      throw new DataError(
        `${what} does not fit: with all that is in memory it takes ${amount(end)}, and the compiled engine has ${amount(this.#most)}`,
        {
          hint: (option) =>
            `use fewer rows, a smaller network or fit.batch_size, or ${option('engine')} tfjs`,
        },
      )
    const { byteLength: before } = this.#buffer
    if (end <= before) return
    const unit = end < LARGE_PAGE ? PAGE : LARGE_PAGE
    const after = Math.min(this.#most, Math.ceil(end / unit) * unit)
    try {
      this.memory.grow((after - before) / PAGE)
      this.#buffer = this.memory.buffer
    } catch (cause) {
      throw new DataError(
        `${what} does not fit: with all that is in memory it takes ${amount(end)}, more than this process can get`,
        { hint: `use fewer rows, a smaller network or fit.batch_size, or ${raise}`, cause },
      )
    }
    if (before < LARGE_PAGE && after >= LARGE_PAGE) this.#useLargePages(this.memory, this.#most)
  }
}

export function aligned(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT
}

const raise = 'raise the limit on its memory, such as that of `ulimit -v` or of a container'

/** A memory that grows; its addresses are reserved from the start. */
function sharedMemory(most: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: most / PAGE + 1, shared: true })
  } catch (cause) {
    throw new DataError('the compiled engine cannot reserve the 10 GB of address space that it asks for', {
      hint: `set NODE_OPTIONS=--disable-wasm-trap-handler, with which it needs less, or ${raise}`,
      cause,
    })
  }
}
