/** Powers of ten that a double holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** Above this, not every whole number is a double. */
const MOST_EXACT = 2 ** 53

/**
 * The number that ASCII bytes spell in decimal, or NaN where they spell something else or would need care to round: a
 * mantissa below 2^53 times or over a power of ten up to 1e22 is one operation on exact doubles, so it rounds as the
 * standard demands (W. Clinger, "How to read floating point numbers accurately", 1990).
 */
export function exactDecimal(bytes: Uint8Array, start: number, end: number): number {
  let position = start
  const sign = bytes[position]
  if (sign === 0x2d || sign === 0x2b) position++
  let mantissa = 0
  let digits = 0
  let decimals = 0
  let isFraction = false
  for (; position < end; position++) {
    const digit = (bytes[position] ?? 0) - 0x30
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      digits++
      if (isFraction) decimals++
    } else if (digit === -2 && !isFraction) isFraction = true
    else break
  }
  if (digits === 0 || mantissa > MOST_EXACT) return NaN
  let exponent = -decimals
  if (position < end) {
    const power = exponentIn(bytes, position, end)
    if (power === undefined) return NaN
    exponent += power
  }
  if (exponent < -22 || exponent > 22) return NaN
  const scale = powers[Math.abs(exponent)] ?? NaN
  const value = exponent < 0 ? mantissa / scale : mantissa * scale
  return sign === 0x2d ? -value : value
}

/** The 5 of `e-5`. */
function exponentIn(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (((bytes[start] ?? 0) | 0x20) !== 0x65) return undefined
  const sign = bytes[start + 1]
  let position = start + (sign === 0x2d || sign === 0x2b ? 2 : 1)
  if (position >= end || end - position > 4) return undefined
  let exponent = 0
  for (; position < end; position++) {
    const digit = (bytes[position] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return undefined
    exponent = exponent * 10 + digit
  }
  return sign === 0x2d ? -exponent : exponent
}
