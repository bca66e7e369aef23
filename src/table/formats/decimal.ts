/** Powers of ten that a double holds exactly. */
export const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** Above this, not every whole number is a double. */
const MOST_EXACT = 2 ** 53
/** A mantissa below this has room for a further digit in a double. */
const ROOM = 1e14
/** The most further digits: their power of ten can be split exactly. */
const MOST_LOW_DIGITS = 7

/**
 * Parses a decimal number in ASCII; NaN for anything else, and where correct rounding would need more precision. A
 * mantissa below 2^53 times or over a power of ten up to 1e22 is one operation on exact doubles, so it rounds as the
 * standard demands (W. Clinger, "How to read floating point numbers accurately", 1990). One of up to 22 digits is
 * scaled in twice the precision.
 */
export function exactDecimal(bytes: Uint8Array, start: number, end: number, point = 0x2e): number {
  const fraction = point - 0x30
  let position = start
  const sign = bytes[position]
  if (sign === 0x2d || sign === 0x2b) position++
  let mantissa = 0
  let low = 0
  let lowDigits = 0
  let digits = 0
  let decimals = 0
  let isFraction = false
  for (; position < end; position++) {
    const digit = (bytes[position] ?? 0) - 0x30
    if (digit >= 0 && digit <= 9) {
      if (mantissa < ROOM) mantissa = mantissa * 10 + digit
      else {
        low = low * 10 + digit
        lowDigits++
      }
      digits++
      if (isFraction) decimals++
    } else if (digit === fraction && !isFraction) isFraction = true
    else break
  }
  if (digits === 0 || lowDigits > MOST_LOW_DIGITS) return NaN
  let exponent = -decimals
  if (position < end) {
    const power = exponentIn(bytes, position, end)
    if (power === undefined) return NaN
    exponent += power
  }
  if (exponent < -22 || exponent > 22) return NaN
  const scale = powers[Math.abs(exponent)] ?? NaN
  const shift = powers[lowDigits] ?? NaN
  const whole = mantissa * shift + low
  const value =
    whole > MOST_EXACT
      ? scaled(mantissa, shift, low, scale, exponent < 0)
      : exponent < 0
        ? whole / scale
        : whole * scale
  return sign === 0x2d ? -value : value
}

/** A bound of the relative error of the smaller half of a result. */
const DOUBT = 2 ** -48

/**
 * (mantissa * shift + low) times or over a scale, as the sum of two doubles (T. Dekker, "A floating-point technique for
 * extending the available precision", 1971), rounded to one; NaN where the doubt about the smaller decides how (A. Ziv,
 * "Fast evaluation of elementary mathematical functions with correctly rounded last bit", 1991).
 */
function scaled(mantissa: number, shift: number, low: number, scale: number, isDivided: boolean): number {
  const product = mantissa * shift
  const high = product + low
  const rest = low - (high - product) + errorOf(mantissa, shift, product)
  const first = isDivided ? high / scale : high * scale
  const second = isDivided
    ? (high - first * scale - errorOf(first, scale, first * scale) + rest) / scale
    : errorOf(high, scale, first) + rest * scale
  const value = first + second * (1 - DOUBT)
  return value === first + second * (1 + DOUBT) ? value : NaN
}

const SPLITTER = 2 ** 27 + 1

/** The rounding error of the product of two doubles. */
function errorOf(a: number, b: number, product: number): number {
  const aHigh = SPLITTER * a - (SPLITTER * a - a)
  const bHigh = SPLITTER * b - (SPLITTER * b - b)
  const aLow = a - aHigh
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
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
