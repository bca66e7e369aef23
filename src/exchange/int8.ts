// Numbers as int8, as LiteRT has them: ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec

/** The real number of an int8 is (int8 - zeroPoint) * scale, one scale for all or one for each index of an axis. */
export type Quantization = {
  readonly scales: Float32Array
  readonly zeroPoint: number
  readonly axis: number
}

/** The smallest and the largest number of a value. */
export type NumberRange = readonly [least: number, most: number]

/** The ranges of the numbers that an operator takes and makes. */
export type OperatorRanges = { readonly input: NumberRange; readonly output: NumberRange }

const LEAST = -128
const MOST = 127

/** The scale and the zero point of numbers in a range; 0 has an int8 of its own. */
export function quantizationOf([least, most]: NumberRange): Quantization {
  const [low, high] = [Math.min(least, 0), Math.max(most, 0)]
  const scale = Math.fround((high - low) / (MOST - LEAST))
  return { scales: Float32Array.of(scale), zeroPoint: clamp(Math.round(LEAST - low / scale)), axis: 0 }
}

/** Weights with a scale for each index of an axis, at least that in `least`; its zero point is 0. */
export function quantizedWeights(
  weights: Float32Array,
  shape: readonly number[],
  axis: number,
  least: ArrayLike<number> = [],
): { readonly data: Int8Array; readonly quantization: Quantization } {
  const channels = shape[axis] ?? 1
  const inner = shape.slice(axis + 1).reduce((size, length) => size * length, 1)
  const channelOf = (i: number): number => Math.floor(i / inner) % channels
  const largest = new Float64Array(channels)
  for (const [i, weight] of weights.entries()) {
    const channel = channelOf(i)
    largest[channel] = Math.max(largest[channel] ?? 0, Math.abs(weight))
  }
  const scales = Float32Array.from(largest, (most, i) => Math.max(most / MOST || 1, least[i] ?? 0))
  const data = Int8Array.from(weights, (weight, i) => clamp(Math.round(weight / (scales[channelOf(i)] ?? 1))))
  return { data, quantization: { scales, zeroPoint: 0, axis } }
}

/** The bias of the largest size, as a whole number of 32 bits; half of what fits, as scales are rounded. */
const LARGEST_BIAS = 2 ** 30

/** The scales of weights below which their bias would not fit: what such weights add to it is less than its rounding. */
export function leastScales(bias: Float32Array, { scales: [scale = 1] }: Quantization): Float32Array {
  return bias.map((number) => Math.abs(number) / scale / LARGEST_BIAS)
}

/** A bias in the scale of the products that it is added to. */
export function quantizedBias(
  bias: Float32Array,
  input: Quantization,
  weights: Quantization,
): { readonly data: Int32Array; readonly quantization: Quantization } {
  const [of = 1] = input.scales
  const scales = weights.scales.map((scale) => scale * of)
  const data = Int32Array.from(bias, (number, i) => Math.round(number / (scales[i] ?? 1)))
  return { data, quantization: { scales, zeroPoint: 0, axis: 0 } }
}

function clamp(number: number): number {
  return Math.min(Math.max(number, LEAST), MOST)
}
