import fc from 'fast-check'

/** One to three damages: a flipped bit, another byte, bytes removed or put in, an end cut off, a huge number. */
export const damage = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('flip' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(7),
    }),
    fc.record({
      kind: fc.constantFrom('byte' as const, 'remove' as const, 'insert' as const, 'huge' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(255),
    }),
    fc.record({
      kind: fc.constant('cut' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(0),
    }),
  ),
  { minLength: 1, maxLength: 3 },
)

/** A content that suffered them. */
export function damaged(
  content: Buffer,
  damages: readonly { kind: string; at: number; value: number }[],
): Buffer {
  let bytes = Buffer.from(content)
  for (const { kind, at, value } of damages) {
    const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length))
    if (place < 0) break
    if (kind === 'flip') bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << value), place)
    else if (kind === 'byte') bytes.writeUInt8(value, place)
    else if (kind === 'huge') bytes.fill(0xff, place, Math.min(bytes.length, place + 4))
    else if (kind === 'cut') bytes = bytes.subarray(0, place)
    else if (kind === 'remove')
      bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1 + (value % 8))])
    else
      bytes = Buffer.concat([
        bytes.subarray(0, place),
        Buffer.alloc(1 + (value % 8), value),
        bytes.subarray(place),
      ])
  }
  return bytes
}
