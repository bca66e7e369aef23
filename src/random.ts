// Counter-based random numbers: every draw is a pure function of (seed, stream, counter, index), so there is no
// generator state to save, and drawing from one stream never moves another.

import { mapFloat32, mapFloat64 } from './float-arrays.ts'

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9 | 0
const W1 = 0xbb67ae85 | 0

/**
 * Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 * Writes four uint32 words for a 128-bit counter and a 64-bit key into `out` at `offset`.
 */
function philox4x32(
  out: Uint32Array,
  offset: number,
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): void {
  let c0 = counter[0] | 0
  let c1 = counter[1] | 0
  let c2 = counter[2] | 0
  let c3 = counter[3] | 0
  let k0 = key[0] | 0
  let k1 = key[1] | 0
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0)
    const low0 = Math.imul(M0, c0)
    const high1 = multiplyHigh(M1, c2)
    const low1 = Math.imul(M1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[offset] = c0
  out[offset + 1] = c1
  out[offset + 2] = c2
  out[offset + 3] = c3
}

/** High 32 bits of the 64-bit product of two uint32. No sum of the parts passes 32 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const middle2 = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middle2 >>> 16)) | 0
}

/** The identity of a stream of random numbers: the run's seed and the 64-bit hash of the stream's name. */
export type Stream = { readonly key: readonly [number, number]; readonly id: readonly [number, number] }

/** A stream named by purpose and owner, as in `dropout/dropout_1`. Different names never share numbers. */
export function stream(seed: number, name: string): Stream {
  return { key: [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0], id: streamId(name) }
}

/** The part of a stream that belongs to one row of the data. */
export function rowStream({ key, id }: Stream, row: number): Stream {
  return { key, id: [(id[0] ^ row) >>> 0, id[1]] }
}

const knownIds = new Map<string, readonly [number, number]>()

/** FNV-1a, 64 bits, of the name's UTF-8 bytes, as [low, high] words. */
function streamId(name: string): readonly [number, number] {
  const known = knownIds.get(name) ?? hashOf(name)
  knownIds.set(name, known)
  return known
}

function hashOf(name: string): [number, number] {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)]
}

/** `length` uint32 words of a stream at a counter (a step, an epoch). Word i comes from Philox block i >> 2. */
export function randomBits(source: Stream, counter: number, length: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(length / 4) * 4)
  fillBlocks(words, source, counter, 0)
  return words.subarray(0, length)
}

/** Fills the words with the blocks of a stream from `first` on. */
function fillBlocks(words: Uint32Array, { key, id }: Stream, counter: number, first: number): void {
  for (let i = 0; i < words.length; i += 4) {
    philox4x32(words, i, [first + (i >> 2), counter, id[0], id[1]], key)
  }
}

/**
 * `length` float32 numbers, uniform in [0, 1) with 24 bits each; with `rows` in equal shares, each from the part of the
 * stream that belongs to a row.
 */
export function randomUniform(
  source: Stream,
  counter: number,
  length: number,
  rows?: readonly number[],
): Float32Array {
  if (!rows) return mapFloat32(randomBits(source, counter, length), (word) => (word >>> 8) * 2 ** -24)
  const share = length / rows.length
  const numbers = new Float32Array(length)
  for (const [i, row] of rows.entries())
    numbers.set(randomUniform(rowStream(source, row), counter, share), i * share)
  return numbers
}

/** `length` standard normal numbers by inversion. */
export function randomNormal(source: Stream, counter: number, length: number): Float64Array {
  return mapFloat64(randomBits(source, counter, length), (word) => normalQuantile((word + 0.5) * 2 ** -32))
}

/** `length` standard normal numbers cut at two standard deviations (their own deviation is 0.8796). */
export function randomTruncatedNormal(source: Stream, counter: number, length: number): Float64Array {
  const tail = 0.022750131948179195 // P(X < -2)
  return mapFloat64(randomBits(source, counter, length), (word) =>
    normalQuantile(tail + (1 - 2 * tail) * ((word + 0.5) * 2 ** -32)),
  )
}

/** A permutation of 0..length-1: Fisher-Yates with unbiased draws (Lemire's multiply-and-reject). */
export function randomPermutation(source: Stream, counter: number, length: number): Uint32Array {
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  const words = new Uint32Array(Math.min(1024, Math.ceil(length / 4) * 4))
  let drawn = 0
  for (let last = length - 1; last > 0; last--) {
    const range = (last + 1) >>> 0
    let word
    do {
      const at = drawn % words.length
      if (at === 0) fillBlocks(words, source, counter, drawn / 4)
      word = words[at] ?? 0
      drawn++
      // The last, partial range of 2^32 is rejected; whether a word is in it is seldom in question.
    } while (word >= 2 ** 32 - range && word >= 2 ** 32 - (2 ** 32 % range))
    // The remainder, without the division of numbers that are no int32.
    const pick = word - Math.floor(word / range) * range
    const kept = order[last] ?? 0
    order[last] = order[pick] ?? 0
    order[pick] = kept
  }
  return order
}

/**
 * The standard normal quantile for 0 < p < 1, to about 1e-16: Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988).
 * Only correctly rounded operations are used, so the result is the same on every machine.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(r, CENTRE_TOP)) / polynomial(r, CENTRE_BOTTOM)
  }
  const r = Math.sqrt(-logarithm(q < 0 ? p : 1 - p))
  const tail =
    r <= 5
      ? polynomial(r - 1.6, MIDDLE_TOP) / polynomial(r - 1.6, MIDDLE_BOTTOM)
      : polynomial(r - 5, FAR_TOP) / polynomial(r - 5, FAR_BOTTOM)
  return q < 0 ? -tail : tail
}

/** Natural logarithm of a positive number by the atanh series: Math.log may differ in its last bit between engines. */
function logarithm(x: number): number {
  let exponent = 0
  let mantissa = x
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    exponent -= 1
  }
  while (mantissa >= Math.SQRT2) {
    mantissa /= 2
    exponent += 1
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n
  return 2 * s * sum + exponent * Math.LN2
}

function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}

// Coefficients of AS 241, lowest power first.
const CENTRE_TOP = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
]
const CENTRE_BOTTOM = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852545703,
]
const MIDDLE_TOP = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
]
const MIDDLE_BOTTOM = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
]
const FAR_TOP = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
const FAR_BOTTOM = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
]
