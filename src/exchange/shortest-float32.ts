/** The number of the fewest digits, 6 at least, that is read as a float32. */
export function shortestFloat32(value: number): number {
  const digits = [6, 7, 8].find((count) => Math.fround(Number(value.toPrecision(count))) === value)
  return Number(value.toPrecision(digits ?? 9))
}
