/** The share of distances that are near their median in an even series, and how near: months differ by a tenth. */
const [EVEN, TOLERANCE] = [0.9, 0.2]

/** The usual distance in a series of even steps; undefined for those of other series. */
export function evenStep(distances: Float64Array): number | undefined {
  const median = distances.toSorted()[distances.length >> 1] ?? 0
  const near = distances.filter((distance) => Math.abs(distance - median) <= TOLERANCE * median)
  return median <= 0 || near.length < EVEN * distances.length ? undefined : median
}
