import { RunError } from '../../errors.ts'

/** The bytes of an HDF5 file. Whatever a file says, what is read stays within them: DataView throws a RangeError beyond. */
export class Hdf5Bytes {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Begins the messages. */
  readonly name: string

  constructor(bytes: Uint8Array, name: string) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.name = name
  }

  /** An address or a length. */
  address(at: number): number {
    const value = Number(this.view.getBigUint64(at, true))
    if (value <= this.bytes.length) return value
    throw new RangeError(`${value} is beyond the end`)
  }

  text(at: number, length: number): string {
    if (at + length > this.bytes.length) throw new RangeError('a text ends beyond the end')
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
