import type { Builder } from '../builder.ts'
import { broadcastShapes, sizeOf } from '../ir.ts'
import type { Shape, Value } from '../ir.ts'
import { uniformNumber } from './constants.ts'
import type { Rule } from './rewrite.ts'

/** Work on what is small and broadcast the result: elementwise operations, reductions, rearrangements of one element. */
export const sinkBroadcasts: Rule = {
  replace(b, value) {
    switch (value.op) {
      case 'unary':
        return value.x.op === 'broadcast'
          ? b.broadcast(b.append({ ...value, x: value.x.x }, value.x.x.shape), value.shape)
          : undefined
      case 'binary': {
        const [a, c] = [narrowed(b, value.a), narrowed(b, value.b)]
        return elementwise(b, value, [value.a, value.b], [a, c], (shape) =>
          b.append({ ...value, a, b: c }, shape),
        )
      }
      case 'select': {
        const [condition, a, c] = [narrowed(b, value.condition), narrowed(b, value.a), narrowed(b, value.b)]
        return elementwise(b, value, [value.condition, value.a, value.b], [condition, a, c], (shape) =>
          b.append({ ...value, condition, a, b: c }, shape, value.dtype),
        )
      }
      case 'reduce':
        return value.x.op === 'broadcast' ? reduce(b, value, value.x) : undefined
      case 'broadcast':
        if (value.x.op === 'broadcast') return b.broadcast(value.x.x, value.shape)
        return sizeOf(value.shape) === sizeOf(value.x.shape) ? b.reshape(value.x, value.shape) : undefined
      case 'cast':
      case 'reshape':
      case 'transpose':
      case 'slice':
      case 'reverse':
        return oneElement(b, value, value.x)
      default:
        return undefined
    }
  },
}

/** What an elementwise operation broadcasts by itself: a number needs no axes. */
function narrowed(b: Builder, value: Value): Value {
  const number = value.shape.length > 0 ? uniformNumber(value) : undefined
  if (number !== undefined) return b.constant(number)
  return value.op === 'broadcast' ? value.x : value
}

function elementwise(
  b: Builder,
  { shape }: Value,
  before: readonly Value[],
  after: readonly Value[],
  make: (shape: Shape) => Value,
): Value | undefined {
  if (after.every((operand, i) => operand === before[i])) return undefined
  const narrow = after.reduce<Shape>((whole, x) => broadcastShapes(whole, x.shape) ?? whole, [])
  return b.broadcast(make(narrow), shape)
}

/** A rearrangement of a tensor whose elements are all one. */
function oneElement(b: Builder, { shape, dtype, op }: Value, x: Value): Value | undefined {
  if (x.op !== 'broadcast' || sizeOf(x.x.shape) !== 1) return undefined
  const element = b.reshape(x.x, [])
  return b.broadcast(op === 'cast' ? b.cast(element, dtype) : element, shape)
}

/** Along an axis of equal elements, a sum is a product and an extreme is the element. */
function reduce(
  b: Builder,
  value: Extract<Value, { op: 'reduce' }>,
  { shape, x }: Extract<Value, { op: 'broadcast' }>,
): Value | undefined {
  if (value.function === 'prod') return undefined
  const lead = shape.length - x.shape.length
  const full = shape.map((_, axis) => (axis < lead ? 1 : (x.shape[axis - lead] ?? 1)))
  const repeated = value.axes.filter((axis) => full[axis] === 1 && shape[axis] !== 1)
  if (repeated.length === 0) return undefined
  const times = repeated.reduce((total, axis) => total * (shape[axis] ?? 1), 1)
  const partial = b.append(
    { op: 'reduce', function: value.function, x: b.reshape(x, full), axes: value.axes },
    full.filter((_, axis) => !value.axes.includes(axis)),
  )
  return b.broadcast(value.function === 'sum' ? b.mul(partial, times) : partial, value.shape)
}
