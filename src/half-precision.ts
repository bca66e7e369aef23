/** IEEE 754 binary16: a sign, 5 bits of exponent with a bias of 15, 10 of mantissa. */
export function halfPrecision(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25))
}
