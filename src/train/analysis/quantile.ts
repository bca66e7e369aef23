/** A quantile of ascending numbers, between neighbours by distance, as numpy computes it; NaN of none. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const place = share * (ascending.length - 1)
  const below = ascending[Math.floor(place)] ?? NaN
  const above = ascending[Math.ceil(place)] ?? NaN
  return below + (place - Math.floor(place)) * (above - below)
}
