// The wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): whole numbers, float32, and whatever has
// a length.

/** A field by its number: a whole number, a float32, text, bytes or a message. */
export type MessageField = readonly [
  number: number,
  value: number | bigint | string | Uint8Array | ProtobufFloat | readonly number[],
]

/** A number that is written as a float32. */
export class ProtobufFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

const VARINT = 0
const BYTES = 2
const FIXED32 = 5

/** The bytes of a message; a list of numbers becomes a packed field. */
export function message(...fields: readonly MessageField[]): Uint8Array {
  return Buffer.concat(fields.flatMap(([number, value]) => fieldOf(number, value)))
}

function fieldOf(number: number, value: MessageField[1]): Uint8Array[] {
  if (typeof value === 'number' || typeof value === 'bigint') return [tag(number, VARINT), varint(value)]
  if (value instanceof ProtobufFloat) {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value.value)
    return [tag(number, FIXED32), bytes]
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
