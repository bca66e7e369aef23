/** The shortest decimal of the same float32; a number that is none stays as it is. */
export function shortestFloat32(value: number): number {
  if (Math.fround(value) !== value) return value
  const digits = Array.from({ length: 9 }, (_, i) => Number(value.toPrecision(i + 1)))
  return digits.find((one) => Math.fround(one) === value) ?? value
}
