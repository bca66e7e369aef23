// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): whole numbers, float32, float64, and
// whatever has a length.
import { DataError } from './errors.ts'

/** A field by its number: a whole number, a float, text, bytes or a message. */
export type MessageField = readonly [
  number: number,
  value: number | bigint | string | Uint8Array | ProtobufFloat | readonly number[],
]

/** A number that is written as a float of some bytes. */
export class ProtobufFloat {
  readonly value: number
  readonly bytes: 4 | 8

  constructor(value: number, bytes: 4 | 8 = 4) {
    this.value = value
    this.bytes = bytes
  }
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** A varint is no longer than this. */
const LONGEST_VARINT = 10

/** The bytes of a message; a list of whole numbers becomes a packed field. */
export function message(...fields: readonly MessageField[]): Uint8Array {
  const contents = fields.map(([number, value]) => [number, contentOf(value)] as const)
  let room = 0
  for (const [, content] of contents)
    room += 2 * LONGEST_VARINT + (content instanceof Uint8Array ? content.length : 0)
  const bytes = Buffer.allocUnsafe(room)
  let at = 0
  for (const [number, content] of contents) at = putField(bytes, at, number, content)
  return bytes.subarray(0, at)
}

type Content = number | bigint | ProtobufFloat | Uint8Array

function contentOf(value: MessageField[1]): Content {
  if (typeof value === 'string') return Buffer.from(value)
  if (typeof value !== 'object' || value instanceof Uint8Array || value instanceof ProtobufFloat) return value
  const bytes = Buffer.allocUnsafe(LONGEST_VARINT * value.length)
  let at = 0
  for (const number of value) at = putVarint(bytes, at, number)
  return bytes.subarray(0, at)
}

/** Writes a field at an offset and returns that of what follows, as do the functions below. */
function putField(bytes: Buffer, at: number, number: number, content: Content): number {
  if (content instanceof Uint8Array) {
    const start = putVarint(bytes, putVarint(bytes, at, number * 8 + BYTES), content.length)
    bytes.set(content, start)
    return start + content.length
  }
  if (content instanceof ProtobufFloat) {
    const { value } = content
    if (content.bytes === 4) return bytes.writeFloatLE(value, putVarint(bytes, at, number * 8 + FIXED32))
    return bytes.writeDoubleLE(value, putVarint(bytes, at, number * 8 + FIXED64))
  }
  return putVarint(bytes, putVarint(bytes, at, number * 8 + VARINT), content)
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits in two's complement. */
function putVarint(bytes: Buffer, at: number, value: number | bigint): number {
  // Nearly all numbers are small; big integers are slow.
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) {
    let rest = value
    for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128
    bytes[at++] = rest
    return at
  }
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 128n; rest >>= 7n) bytes[at++] = Number(rest & 127n) | 128
  bytes[at++] = Number(rest)
  return at
}

/** A message that is read: its fields by their numbers, each of them as often as it is there. */
export class ProtobufMessage {
  readonly #fields = new Map<number, (number | Uint8Array)[]>()

  /** Throws a DataError for bytes that are no message. */
  constructor(bytes: Uint8Array) {
    const reader = new FieldReader(bytes)
    while (!reader.isAtEnd) {
      const [number, value] = reader.field()
      const known = this.#fields.get(number)
      if (known) known.push(value)
      else this.#fields.set(number, [value])
    }
  }

  /** Whole numbers, packed or one by one. */
  numbers(field: number): number[] {
    return this.#of(field).flatMap((value) =>
      typeof value === 'number' ? [value] : new FieldReader(value).varints(),
    )
  }

  number(field: number): number | undefined {
    return this.numbers(field).at(-1)
  }

  /** Whatever has a length, and numbers of fixed size: little-endian, packed or one by one. */
  bytes(field: number): Uint8Array[] {
    return this.#of(field).filter((value) => typeof value !== 'number')
  }

  texts(field: number): string[] {
    return this.bytes(field).map((value) => Buffer.from(value).toString('utf8'))
  }

  text(field: number): string | undefined {
    return this.texts(field).at(-1)
  }

  messages(field: number): ProtobufMessage[] {
    return this.bytes(field).map((value) => new ProtobufMessage(value))
  }

  message(field: number): ProtobufMessage | undefined {
    return this.messages(field).at(-1)
  }

  #of(field: number): readonly (number | Uint8Array)[] {
    return this.#fields.get(field) ?? []
  }
}

class FieldReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  field(): readonly [number: number, value: number | Uint8Array] {
    const tag = this.#varint()
    const [number, type] = [Math.floor(tag / 8), tag % 8]
    if (number < 1) throw new DataError('a message has a field without a number')
    switch (type) {
      case VARINT:
        return [number, this.#varint()]
      case FIXED64:
        return [number, this.#take(8)]
      case BYTES:
        return [number, this.#take(this.#varint())]
      case FIXED32:
        return [number, this.#take(4)]
      default:
        throw new DataError(`a message has a field of the unknown wire type ${type}`)
    }
  }

  varints(): number[] {
    const numbers: number[] = []
    while (!this.isAtEnd) numbers.push(this.#varint())
    return numbers
  }

  /** Signed; exact up to 2^53. */
  #varint(): number {
    let [low, high] = [0, 0]
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new DataError('a message ends within a number')
      const bits = byte & 127
      if (shift < 32) low |= bits << shift
      if (shift > 25) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32)
      if (byte < 128) return high * 2 ** 32 + (low >>> 0)
    }
    throw new DataError('a message has a number of more than 64 bits')
  }

  #take(count: number): Uint8Array {
    if (!(count >= 0 && this.#at + count <= this.#bytes.length))
      throw new DataError('a message ends within a field')
    return this.#bytes.subarray(this.#at, (this.#at += count))
  }
}
