/** The sum of numbers, added in their order. */
export function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}

export function mean(numbers: Iterable<number> & ArrayLike<number>): number {
  return sum(numbers) / numbers.length
}

/** The squared distances of numbers from their mean, added up. */
export function squaredDistances(numbers: Iterable<number> & ArrayLike<number>): number {
  const center = mean(numbers)
  let total = 0
  for (const number of numbers) total += (number - center) ** 2
  return total
}

/** A quantile of ascending numbers, between neighbors by straight lines as numpy.quantile; NaN of none. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const place = share * (ascending.length - 1)
  const below = ascending[Math.floor(place)] ?? NaN
  const above = ascending[Math.ceil(place)] ?? NaN
  return below + (place - Math.floor(place)) * (above - below)
}
