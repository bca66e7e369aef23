// Tensors of known numbers. Symbol: onnx.TensorProto.
import { RunError } from '../../../errors.ts'
import { halfPrecision } from '../../../half-precision.ts'
import { sizeOf } from '../../../ir/ir.ts'
import type { Shape } from '../../../ir/ir.ts'
import type { ProtobufMessage } from '../../../protobuf.ts'
import { Refusal } from './refusal.ts'

/** Known numbers; float32 where they are weights. */
export type KnownTensor = {
  readonly shape: Shape
  readonly data: Float32Array | Float64Array
  /** True where its type has whole numbers alone, which are divided without a rest. */
  readonly isWhole?: boolean | undefined
}

/** More than any model has. */
const MOST_AXES = 16

/** The field in which elements are where they are not raw bytes. */
const FLOATS = 4
const INTEGERS = 5
const LONG_INTEGERS = 7
const DOUBLES = 10
const UNSIGNED = 11

type ElementKind = {
  readonly bytes: number
  readonly field: number
  readonly read: (view: DataView, at: number) => number
}

const DOUBLE: ElementKind = { bytes: 8, field: DOUBLES, read: (view, at) => view.getFloat64(at, true) }
const BYTE: ElementKind = { bytes: 1, field: INTEGERS, read: (view, at) => view.getUint8(at) }
const HALF: ElementKind = {
  bytes: 2,
  field: INTEGERS,
  read: (view, at) => halfPrecision(view.getUint16(at, true)),
}

/** By onnx.TensorProto.DataType. */
const KINDS: Readonly<Record<number, ElementKind>> = {
  1: { bytes: 4, field: FLOATS, read: (view, at) => view.getFloat32(at, true) },
  2: BYTE,
  3: { bytes: 1, field: INTEGERS, read: (view, at) => view.getInt8(at) },
  4: { bytes: 2, field: INTEGERS, read: (view, at) => view.getUint16(at, true) },
  5: { bytes: 2, field: INTEGERS, read: (view, at) => view.getInt16(at, true) },
  6: { bytes: 4, field: INTEGERS, read: (view, at) => view.getInt32(at, true) },
  7: { bytes: 8, field: LONG_INTEGERS, read: (view, at) => Number(view.getBigInt64(at, true)) },
  9: BYTE,
  10: HALF,
  11: DOUBLE,
  12: { bytes: 4, field: UNSIGNED, read: (view, at) => view.getUint32(at, true) },
  13: { bytes: 8, field: UNSIGNED, read: (view, at) => Number(view.getBigUint64(at, true)) },
}
const FLOAT = 1
export const BOOL = 9
const FLOAT16 = 10
/** Types that any whole number of a model fits: of 32 and 64 bits, with a sign. */
export const WIDE_TYPES: ReadonlySet<number> = new Set([6, 7])
/** Types of numbers that need not be whole: of 32, 16 and 64 bits, and bfloat16. */
export const FLOAT_TYPES: ReadonlySet<number | undefined> = new Set([FLOAT, FLOAT16, 11, 16])

/** True for a type of whole numbers. */
export function isWholeType(type: number): boolean {
  return type !== BOOL && !FLOAT_TYPES.has(type)
}

/** The bytes of a part of a file beside the model; throws where it has no such part. */
export type ReadExternal = (location: string, offset: number, length: number) => Uint8Array

/** The tensor of a message, refused where it holds no numbers; throws where they are not as many as its shape says. */
export function tensorOf(message: ProtobufMessage, what: string, external: ReadExternal): KnownTensor {
  const shape = message.numbers(1)
  const type = message.number(2) ?? 0
  const kind = KINDS[type]
  if (kind === undefined)
    throw new Refusal(`${what} has elements of the type ${type}, which nnlab does not read`)
  const count = sizeOf(shape)
  if (shape.length > MOST_AXES || shape.some((length) => length < 0))
    throw new RunError(`${what} has the shape [${shape.join(', ')}]`)
  const { data, length } = rawBytes(message, kind, count, external) ?? listed(message, kind, type)
  if (length !== count)
    throw new RunError(`${what} has ${length} numbers for the shape [${shape.join(', ')}]`)
  const numbers = type === FLOAT || type === FLOAT16 ? new Float32Array(count) : new Float64Array(count)
  for (let i = 0; i < count; i++) numbers[i] = data(i)
  return { shape, data: numbers, isWhole: isWholeType(type) }
}

type ElementList = { readonly length: number; readonly data: (index: number) => number }

/** Elements as bytes, in the message or in another file. */
function rawBytes(
  message: ProtobufMessage,
  { bytes, read }: ElementKind,
  count: number,
  external: ReadExternal,
): ElementList | undefined {
  const entries = new Map(message.messages(13).map((entry) => [entry.text(1), entry.text(2)]))
  const location = entries.get('location')
  const raw =
    message.number(14) === 1 && location !== undefined
      ? external(location, Number(entries.get('offset') ?? 0), count * bytes)
      : message.bytes(9).at(-1)
  return raw && elementsIn([raw], bytes, read)
}

/** Elements in the field of their type. */
function listed(message: ProtobufMessage, { bytes, field, read }: ElementKind, type: number): ElementList {
  if (field === FLOATS || field === DOUBLES) return elementsIn(message.bytes(field), bytes, read)
  const numbers = message.numbers(field)
  const bits = type === FLOAT16
  return {
    length: numbers.length,
    data: (i) => (bits ? halfPrecision(numbers[i] ?? 0) : (numbers[i] ?? NaN)),
  }
}

function elementsIn(parts: readonly Uint8Array[], bytes: number, read: ElementKind['read']): ElementList {
  const [only, ...others] = parts
  const all = only && others.length === 0 ? only : Buffer.concat(parts)
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
  return { length: all.length / bytes, data: (i) => read(view, i * bytes) }
}

export function scalar(value: number): KnownTensor {
  return { shape: [], data: Float64Array.of(value) }
}

/** The whole numbers of a tensor, as an operator takes axes and shapes. */
export function listOf({ data }: KnownTensor): number[] {
  return Array.from(data, Math.trunc)
}
