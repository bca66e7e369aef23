// TensorBoard's event files: records of TFRecord (tensorflow.org/tutorials/load_data/tfrecord), each with an Event
// (tensorflow/core/util/event.proto) that holds a Summary (tensorflow/core/framework/summary.proto).

import { bytesOf } from '../../bytes-of.ts'
import { message, ProtobufFloat } from '../../protobuf.ts'

/** A value under a tag: a number, the distribution of many, text in Markdown, or a picture. */
export type Summary =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Float32Array }
  | { readonly tag: string; readonly text: string }
  | {
      readonly tag: string
      readonly png: Uint8Array
      readonly height: number
      readonly width: number
      readonly channels: number
    }

/** The record that an event file begins with. */
export function firstRecord(time: number): Uint8Array {
  return record(message([1, wallTime(time)], [3, 'brain.Event:2']))
}

/** A record of what holds after a step; `time` in milliseconds since 1970. */
export function summaryRecord(step: number, time: number, summaries: readonly Summary[]): Uint8Array {
  return record(eventData(step, time, summaries))
}

function eventData(step: number, time: number, summaries: readonly Summary[]): Uint8Array {
  const values = summaries.map((summary) => [1, valueOf(summary)] as const)
  return message([1, wallTime(time)], [2, step], [5, message(...values)])
}

/** A scalar under a tag. */
export type Scalar = Extract<Summary, { readonly scalar: number }>

/** A step whose varint has as many bytes as that of any step before 2^35. */
const WIDE_STEP = 2 ** 31 - 1
const STEP_BYTES = 5

/**
 * Records of scalars under the same tags: all but the time, the step and the values is encoded once, since most epochs of
 * small models take less time than encoding a record.
 */
export class ScalarRecords {
  readonly #tags: readonly string[]
  readonly #record: Buffer
  readonly #data: DataView
  /** The place of each value in the data. */
  readonly #offsets: readonly number[]

  constructor(scalars: readonly Scalar[]) {
    this.#tags = scalars.map(({ tag }) => tag)
    this.#record = record(eventData(WIDE_STEP, 0, scalars))
    const { buffer, byteOffset, length } = this.#record
    this.#data = new DataView(buffer, byteOffset + HEADER, length - HEADER - CHECKSUM)
    // The last bytes of a value's message are its number.
    let end = this.#data.byteLength
    const offsets: number[] = []
    for (const scalar of scalars.toReversed()) {
      offsets.unshift(end - 4)
      end -= message([1, valueOf(scalar)]).length
    }
    this.#offsets = offsets
  }

  /** True for the tags of the record, in their order. */
  fits(scalars: readonly Scalar[]): boolean {
    return scalars.length === this.#tags.length && scalars.every(({ tag }, i) => tag === this.#tags[i])
  }

  /** The record of a step, which the next call overwrites; `time` in milliseconds since 1970. */
  at(step: number, time: number, scalars: readonly Scalar[]): Uint8Array {
    const data = this.#data
    data.setFloat64(1, time / 1000, true)
    for (let i = 0; i < STEP_BYTES; i++)
      data.setUint8(10 + i, (Math.floor(step / 2 ** (7 * i)) & 127) | (i < STEP_BYTES - 1 ? 128 : 0))
    for (const [i, offset] of this.#offsets.entries())
      data.setFloat32(offset, scalars[i]?.scalar ?? NaN, true)
    const checksum = maskedChecksum(this.#record.subarray(HEADER, HEADER + data.byteLength))
    this.#record.writeUInt32LE(checksum, HEADER + data.byteLength)
    return this.#record
  }
}

/** Seconds since 1970. */
function wallTime(time: number): ProtobufFloat {
  return new ProtobufFloat(time / 1000, 8)
}

function valueOf(summary: Summary): Uint8Array {
  const { tag } = summary
  if ('scalar' in summary) return message([1, tag], [2, new ProtobufFloat(summary.scalar)])
  if ('histogram' in summary) return message([1, tag], [5, histogramOf(summary.histogram)])
  if ('png' in summary) {
    const { height, width, channels, png } = summary
    return message([1, tag], [4, message([1, height], [2, width], [3, channels], [4, png])])
  }
  const metadata = message([1, message([1, 'text'])])
  return message([1, tag], [9, metadata], [8, message([1, DT_STRING], [2, ''], [8, summary.text])])
}

const DT_STRING = 7

/** As many buckets as those of Keras's callback. */
const BUCKETS = 30

/** A HistogramProto over buckets of one width. */
function histogramOf(values: Float32Array): Uint8Array {
  let [low, high, sum, squares] = [Infinity, -Infinity, 0, 0]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
    squares += value * value
  }
  const width = (high - low) / BUCKETS
  const counts = new Float64Array(BUCKETS)
  for (const value of values) {
    const bucket = width > 0 ? Math.min(BUCKETS - 1, Math.floor((value - low) / width)) : 0
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  const limits = counts.map((_, bucket) => (bucket === BUCKETS - 1 ? high : low + (bucket + 1) * width))
  const numbers = [low, high, values.length, sum, squares].map(
    (value, i) => [i + 1, new ProtobufFloat(value, 8)] as const,
  )
  return message(...numbers, [6, bytesOf(limits)], [7, bytesOf(counts)])
}

/** Bytes of a checksum, and of a length with its checksum. */
const CHECKSUM = 4
const HEADER = 8 + CHECKSUM

/** A length and data, each with its checksum. */
function record(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER + data.length + CHECKSUM)
  bytes.writeUInt32LE(data.length, 0)
  bytes.writeUInt32LE(maskedChecksum(bytes.subarray(0, 8)), 8)
  bytes.set(data, HEADER)
  bytes.writeUInt32LE(maskedChecksum(data), HEADER + data.length)
  return bytes
}

/** CRC-32C, rotated and moved so that data which holds checksums keeps its own strong. */
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data)
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0
}

/** Castagnoli's polynomial, bits reversed (RFC 3720, section 12.1). */
const POLYNOMIAL = 0x82f63b78

const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
  return rest
})

/** CRC-32C (RFC 3720, section 12.1). */
export function crc32c(data: Uint8Array): number {
  let rest = 0xffffffff
  for (let at = 0; at < data.length; at++)
    rest = (rest >>> 8) ^ (remainders[(rest ^ (data[at] ?? 0)) & 0xff] ?? 0)
  return ~rest >>> 0
}
