import { RunError } from '../../errors.ts'

/** Deflate makes at most about this many bytes of one. */
export const MOST_EXPANSION = 1032
/** Bytes that are made of a file, for each of its own: what is decompressed, the arrays that it is copied to, and texts. */
const MOST_MADE = 4 * MOST_EXPANSION

/**
 * The bytes of an HDF5 file. Whatever a file says, what is read stays within them: DataView throws a RangeError beyond. A file
 * that refers to the same place over and over makes no more work than its size explains.
 */
export class Hdf5Bytes {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Begins the messages. */
  readonly name: string
  readonly #visited = new Set<number>()
  #left: number

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.name = name
    this.#left = MOST_MADE * bytes.length
  }

  /** The place of a part that only one other refers to. */
  visit(at: number): number {
    if (this.#visited.has(at)) throw this.damaged(`two of its parts refer to the place ${at}`)
    this.#visited.add(at)
    return at
  }

  /** Throws where more bytes are made than the file explains. */
  spend(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw this.damaged('it refers to the same places over and over')
  }

  /** An address or a length. */
  address(at: number): number {
    const value = Number(this.view.getBigUint64(at, true))
    if (value <= this.bytes.length) return value
    throw new RangeError(`${value} is beyond the end`)
  }

  text(at: number, length: number): string {
    if (at + length > this.bytes.length) throw new RangeError('a text ends beyond the end')
    this.spend(length + 1)
    return Buffer.from(this.bytes.subarray(at, at + length)).toString('utf8')
  }

  /** A text that ends with a zero. */
  textAt(at: number): string {
    const end = this.bytes.indexOf(0, at)
    if (end < 0) throw this.damaged('a name does not end')
    return this.text(at, end - at)
  }

  unknown(what: string): RunError {
    return new RunError(`${this.name}: ${what} is of a version or kind that nnlab does not read`, {
      hint: 'save the model again with Keras 3',
    })
  }

  damaged(why: string): RunError {
    return new RunError(`${this.name} is damaged: ${why}`)
  }
}
