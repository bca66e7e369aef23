/** The shortest decimal of the same float32; a number that is none stays as it is. */
export function shortestFloat32(value: number): number {
  if (Math.fround(value) !== value) return value
  // Where fewer than six digits are enough, the sixth is 0.
  const digits = [6, 7, 8].find((count) => Math.fround(Number(value.toPrecision(count))) === value)
  return Number(value.toPrecision(digits ?? 9))
}
