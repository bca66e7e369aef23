// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): whole numbers, float32, float64, and
// whatever has a length.

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

/** The bytes of a message; a list of whole numbers becomes a packed field. */
export function message(...fields: readonly MessageField[]): Uint8Array {
  return Buffer.concat(fields.flatMap(([number, value]) => fieldOf(number, value)))
}

function fieldOf(number: number, value: MessageField[1]): Uint8Array[] {
  if (typeof value === 'number' || typeof value === 'bigint') return [tag(number, VARINT), varint(value)]
  if (value instanceof ProtobufFloat) {
    const bytes = Buffer.alloc(value.bytes)
    if (value.bytes === 4) bytes.writeFloatLE(value.value)
    else bytes.writeDoubleLE(value.value)
    return [tag(number, value.bytes === 4 ? FIXED32 : FIXED64), bytes]
  }
  const bytes = bytesOf(value)
  return [tag(number, BYTES), varint(bytes.length), bytes]
}

function bytesOf(value: string | Uint8Array | readonly number[]): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value)
  return value instanceof Uint8Array ? value : Buffer.concat(value.map(varint))
}

function tag(number: number, type: number): Uint8Array {
  return varint(number * 8 + type)
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits in two's complement. */
function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return Uint8Array.of(...bytes, Number(rest))
}
